/*
 * Makes the root machine at build time: this image runs on the same core, with the parser and with memory as much as it wants. What it
 * makes lies where the board's flash has it; the build takes it from there. The script comes in memory, the result is told there.
 */
#include "board.h"

extern uint8_t rv_region[], rv_region_end[], rv_scratch[], rv_scratch_end[];
extern const struct {
	uint32_t length, slots, chunk_bytes, keys;
} rv_request;
extern char rv_script[];
extern struct {
	uint32_t done, end, machine, names[3], slots, chunks, keys, stack;
	char error[256];
} rv_result;

/* Of the machine's stack only what is on it is read once it is shared: that moves into the region then. */
enum { STACK_SLOTS = 4096, KEPT_SLOTS = 200 };

static uint8_t* next;
static uint8_t* scratch;
static bool is_root;
volatile sig_atomic_t xsh_in_libc;
const bool xsh_memory_is_shared = false;

static size_t room_of(size_t size)
{
	return 8 + ((size + 7) & ~(size_t)7);
}

static void* take(uint8_t** from, const uint8_t* end, size_t size)
{
	size_t room = room_of(size);
	if (room > (size_t)(end - *from)) return NULL;
	uint8_t* data = *from + 8;
	memcpy(*from, &size, sizeof size);
	*from += room;
	return data;
}

/* The parser's memory, and what else is given back, lies elsewhere; nothing is reused. */
void* xsh_malloc(size_t size)
{
	return is_root ? take(&next, rv_region_end, size) : take(&scratch, rv_scratch_end, size);
}

void xsh_free(void* data)
{
	(void)data;
}

void* xsh_calloc(size_t count, size_t size)
{
	/* The machine itself is all that the engine asks for in this way. */
	bool was = is_root;
	is_root = count == sizeof(txMachine);
	void* data = xsh_malloc(count * size);
	is_root = was;
	if (data != NULL) memset(data, 0, count * size);
	return data;
}

void* xsh_realloc(void* data, size_t size)
{
	size_t old = 0;
	if (data != NULL) memcpy(&old, (uint8_t*)data - 8, sizeof old);
	void* copy = xsh_malloc(size);
	if (copy != NULL && data != NULL) memcpy(copy, data, old < size ? old : size);
	return copy;
}

void* xsh_malloc_table(size_t size)
{
	is_root = true;
	void* data = xsh_malloc(size);
	is_root = false;
	if (data != NULL) memset(data, 0, size);
	return data;
}

txCreation xsh_root_creation(void)
{
	return (txCreation){
		.initialChunkSize = (txSize)rv_request.chunk_bytes,
		.initialHeapCount = (txSize)rv_request.slots,
		.stackCount = STACK_SLOTS,
		.initialKeyCount = (txSize)rv_request.keys,
		.nameModulo = 127, .symbolModulo = 13,
		.parserBufferSize = 1024 * 1024, .parserTableModulo = 1993,
	};
}

/* The engine asks for them first. They lie behind what it will ask for then, so that the image ends with the last of them. */
void* fxAllocateChunks(txMachine* the, txSize size)
{
	(void)the;
	txCreation creation = xsh_root_creation();
	const size_t parts[] = {
		KEPT_SLOTS * sizeof(txSlot), (size_t)creation.initialHeapCount * sizeof(txSlot), (size_t)creation.initialKeyCount * sizeof(txSlot*),
		(size_t)creation.nameModulo * sizeof(txSlot*), (size_t)creation.symbolModulo * sizeof(txSlot*),
	};
	uint8_t* chunks = next;
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) chunks += room_of(parts[i]);
	return size <= rv_region_end - chunks ? chunks : NULL;
}

void fxFreeChunks(txMachine* the, void* chunks)
{
	(void)the, (void)chunks;
}

txSlot* fxAllocateSlots(txMachine* the, txSize count)
{
	size_t size = (size_t)count * sizeof(txSlot);
	return the->stackBottom == NULL ? xsh_malloc(size) : xsh_malloc_table(size);
}

void fxFreeSlots(txMachine* the, void* slots)
{
	(void)the, (void)slots;
}

void xsh_memory_use(xsh_board* board)
{
	(void)board;
}

uint32_t xsh_chunks32(txMachine* the)
{
	return (uint32_t)the->currentChunksSize;
}

void xsh_chunks_trim(const txMachine* the)
{
	(void)the;
}

void xsh_stack_keep(xsh_board* board)
{
	(void)board;
}

void xsh_stack_bring(const xsh_board* board)
{
	(void)board;
}

char* fxCStackLimit(void)
{
	return (char*)rv_stack + 4096;
}

bool xsh_run_is_deep(void)
{
	return false;
}

static void power_off(void) __attribute__((noreturn));
static void power_off(void)
{
	*(volatile uint32_t*)0x100000 = 0x5555;
	for (;;);
}

void xsh_fatal(const char* why)
{
	snprintf(rv_result.error, sizeof rv_result.error, "%s", why);
	power_off();
}

static void keep_stack(txMachine* the)
{
	size_t count = (size_t)(the->stackTop - the->stack);
	txSlot* kept = count <= KEPT_SLOTS ? xsh_malloc_table(KEPT_SLOTS * sizeof(txSlot)) : NULL;
	if (kept == NULL) xsh_fatal("the root's stack does not fit");
	memcpy(kept, the->stack, count * sizeof(txSlot));
	the->stack = the->stackBottom = the->stackPeak = kept;
	the->stackTop = the->stackPrototypes = kept + count;
}

/* Only the root machine's, and only now: none of it is read again, and it would point to what the board has not. */
static void forget(txMachine* the)
{
	the->firstBlock->limit = the->firstBlock->current;
	the->stackLimit = NULL;
	the->context = NULL;
	the->firstJump = NULL;
	memset(the->nameBuffer, 0, sizeof the->nameBuffer);
}

void rv_main(void);
void rv_main(void)
{
	next = rv_region;
	scratch = rv_scratch;
	bool ok = xsh_root_build(rv_script, rv_request.length, rv_result.error, sizeof rv_result.error);
	if (ok) {
		keep_stack(xsh_root);
		forget(xsh_root);
		rv_result.machine = (uint32_t)((uint8_t*)xsh_root - rv_region);
		rv_result.end = (uint32_t)((uint8_t*)xsh_root->firstBlock->current - rv_region);
		rv_result.names[0] = xsh_names.host;
		rv_result.names[1] = xsh_names.boot;
		rv_result.names[2] = xsh_names.receive;
		rv_result.slots = (uint32_t)xsh_root->currentHeapCount;
		rv_result.chunks = (uint32_t)xsh_root->currentChunksSize;
		rv_result.keys = xsh_root->keyIndex;
		rv_result.done = 1;
	}
	power_off();
}
