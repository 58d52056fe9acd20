#include "host.h"

typedef struct {
	xsh_board* board;
	uint8_t kind;
	uint32_t id;
	const uint8_t* data;
	size_t length;
	bool boot;
} call;

/* What a turn may send. A message's part that is not its bytes is counted, too. */
enum { TURN_OUTPUT = 256 * 1024, MESSAGE = 32 };

/* Computrons from one look at the limit to the next: some milliseconds of script. */
enum { METER_STEP = 1 << 18 };

static txBoolean may_go_on(txMachine* the, txU4 computrons)
{
	const xsh_board* board = the->context;
	xsh_run_steps++;
	return computrons < board->limits.computrons;
}

/* Pushes a Uint8Array of the message: the one that every message uses where it fits, else a new one. */
static void push_payload(txMachine* the, const call* it)
{
	xsh_board* board = it->board;
	if (it->length == 0) {
		mxPushUndefined();
		return;
	}
	if (board->payload.kind == XS_REFERENCE_KIND && it->length <= board->limits.payload_bytes) {
		txSlot* range = board->payload.value.reference->next->next;
		range->value.dataView.size = (txInteger)it->length;
		memcpy(range->next->value.reference->next->value.arrayBuffer.address, it->data, it->length);
		mxPushSlot(&board->payload);
		return;
	}
	mxPush(mxUint8ArrayConstructor);
	mxNew();
	mxPushUndefined();
	fxArrayBuffer(the, the->stack, (void*)(uintptr_t)it->data, (txInteger)it->length, -1);
	mxRunCount(1);
}

/* The view that is used for every message, with room for the longest: a turn then makes no objects. */
static void make_payload(txMachine* the, xsh_board* board)
{
	if (board->limits.payload_bytes == 0) return;
	mxPush(mxUint8ArrayConstructor);
	mxNew();
	mxPushInteger((txInteger)board->limits.payload_bytes);
	mxRunCount(1);
	board->payload = *the->stack;
	fxRemember(the, &board->payload);
	mxPop();
}

static void call_script(txMachine* the, const call* it)
{
	mxPush(mxGlobal);
	mxDub();
	mxGetID(it->boot ? xsh_names.boot : xsh_names.receive);
	mxCall();
	if (it->boot) {
		push_payload(the, it);
		mxRunCount(1);
	} else {
		mxPushInteger(it->kind);
		if (it->id <= 0x7fffffff) mxPushInteger((txInteger)it->id);
		else mxPushNumber(it->id);
		push_payload(the, it);
		mxRunCount(3);
	}
	mxPop();
}

static void turn(txMachine* the, void* data)
{
	call* it = data;
	const uint32_t limit = it->board->limits.computrons;
	fxBeginMetering(the, may_go_on, limit < METER_STEP ? limit : METER_STEP);
	mxTry(the) {
		fxBeginHost(the);
		if (it->boot) make_payload(the, it->board);
		call_script(the, it);
		fxEndHost(the);
	}
	mxCatch(the) {
		fxAbort(the, XS_UNHANDLED_EXCEPTION_EXIT);
	}
	xsh_run_jobs(the);
	xsh_chunks_check(it->board);
	it->board->computrons += the->meterIndex;
	the->meterInterval = 0;
}

static void collect(txMachine* the, void* data)
{
	xsh_board* board = data;
	board->compacting = true;
	xsh_work was = xsh_work_on(XSH_COLLECT);
	fxCollectGarbage(the);
	xsh_work_on(was);
	board->compacting = false;
}

static void create(txMachine* none, void* data)
{
	(void)none;
	call* it = data;
	xsh_board* board = it->board;
	/* Nothing may grow: an increment of 0 makes the engine abort instead. */
	txCreation creation = {
		.initialChunkSize = xsh_memory_chunks(&board->limits),
		.initialHeapCount = (txSize)board->limits.slots,
		.stackCount = (txSize)board->limits.stack_slots,
		.initialKeyCount = (txSize)board->limits.keys,
		.nameModulo = xsh_root->nameModulo,
		.symbolModulo = xsh_root->symbolModulo,
	};
	if (!xsh_memory_reserve(board, &creation)) xsh_run_end(XSH_HOST_MEMORY, "no memory for a machine");
	if (fxCloneMachine(&creation, xsh_root, "board", board) == NULL) xsh_run_end(XSH_HOST_MEMORY, "no memory for a machine");
	turn(board->the, it);
	if (xsh_memory_is_shared) collect(board->the, board);
}

void xsh_board_create(xsh_board* board, const uint8_t* config, size_t length, xsh_outcome* outcome)
{
	call it = { .board = board, .boot = true, .data = config, .length = length };
	board->turn_output = 0;
	xsh_run(board, create, &it, outcome);
}

void xsh_board_deliver(xsh_board* board, double uptime, uint8_t kind, uint32_t id, const uint8_t* payload, size_t length, xsh_outcome* outcome)
{
	call it = { .board = board, .kind = kind, .id = id, .data = payload, .length = length };
	board->uptime = uptime;
	board->turn_output = 0;
	board->turns++;
	xsh_run(board, turn, &it, outcome);
}

void xsh_board_collect(xsh_board* board, xsh_outcome* outcome)
{
	xsh_run(board, collect, board, outcome);
}

void xsh_board_charge(xsh_board* board, size_t bytes)
{
	board->turn_output += MESSAGE + bytes;
	if (board->turn_output > TURN_OUTPUT) xsh_run_end(XSH_OUTPUT, "sent more than 256 KiB in a turn");
}

void xsh_board_release(xsh_board* board)
{
	fm_signer_close(&board->signer);
	fm_erase(&board->random, sizeof board->random);
	xsh_memory_release(board);
	board->the = NULL;
}
