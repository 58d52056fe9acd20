/* `host`, what a board's script has of its board. Pointers into chunks are taken after the last allocation. */
#include "host.h"

enum { TURN_OUTPUT = 256 * 1024 };

typedef struct {
	uint8_t* data;
	size_t length;
} view;

static view view_of(txMachine* the, txSlot* slot, bool writable)
{
	view it = { NULL, 0 };
	txSlot* first = slot->kind == XS_REFERENCE_KIND ? slot->value.reference->next : NULL;
	if (first == NULL || first->kind != XS_TYPED_ARRAY_KIND || first->value.typedArray.dispatch->size != 1) mxTypeError("no Uint8Array");
	txSlot* range = first->next;
	txSlot* buffer = range->next;
	txSlot* memory = buffer->value.reference->next;
	if (memory->kind != XS_ARRAY_BUFFER_KIND || memory->value.arrayBuffer.address == NULL) mxTypeError("no ArrayBuffer");
	if (writable && memory->flag & XS_DONT_SET_FLAG) mxTypeError("read-only ArrayBuffer");
	txInteger size = fxGetDataViewSize(the, range, buffer);
	if (size > 0) it.length = (size_t)size;
	it.data = (uint8_t*)memory->value.arrayBuffer.address + range->value.dataView.offset;
	return it;
}

static txSlot* argument(txMachine* the, int index)
{
	if (mxArgc <= index) mxTypeError("%d arguments are too few", (int)mxArgc);
	return mxArgv(index);
}

static view view_argument(txMachine* the, int index, bool writable)
{
	return view_of(the, argument(the, index), writable);
}

static uint8_t* room_argument(txMachine* the, int index, size_t needed)
{
	view into = view_argument(the, index, true);
	double at = mxArgc > index + 1 ? fxToNumber(the, mxArgv(index + 1)) : 0;
	/* fxToNumber may have run script: look again. */
	into = view_argument(the, index, true);
	if (!(at >= 0 && at <= (double)into.length && (double)into.length - at >= (double)needed))
		mxRangeError("no room for %d bytes", (int)needed);
	return into.data + (size_t)at;
}

static xsh_board* board_of(txMachine* the)
{
	xsh_board* board = the->context;
	if (board == NULL) mxUnknownError("no board yet");
	return board;
}

static void host_sign(txMachine* the)
{
	xsh_board* board = board_of(the);
	uint8_t signature[XSH_SIGNATURE_BYTES];
	view digest = view_argument(the, 0, false);
	if (digest.length != XSH_DIGEST_BYTES) mxRangeError("a digest of %d bytes", (int)digest.length);
	if (!xsh_sign(board->key, digest.data, signature)) mxUnknownError("cannot sign");
	memcpy(room_argument(the, 1, sizeof signature), signature, sizeof signature);
}

static void host_sha256(txMachine* the)
{
	uint8_t digest[XSH_DIGEST_BYTES];
	view data = view_argument(the, 0, false);
	xsh_sha256(data.data, data.length, digest);
	memcpy(room_argument(the, 1, sizeof digest), digest, sizeof digest);
}

static void host_public_key(txMachine* the)
{
	memcpy(room_argument(the, 0, XSH_PUBLIC_KEY_BYTES), board_of(the)->public_key, XSH_PUBLIC_KEY_BYTES);
}

static void host_random(txMachine* the)
{
	xsh_board* board = board_of(the);
	view into = view_argument(the, 0, true);
	xsh_random_fill(&board->random, into.data, into.length);
}

static void host_uptime(txMachine* the)
{
	mxResult->kind = XS_NUMBER_KIND;
	mxResult->value.number = board_of(the)->uptime;
}

/* text(bytes): ASCII to a string in one piece ('?' for what is not); in script every character would copy all before it. */
static void host_text(txMachine* the)
{
	view bytes = view_argument(the, 0, false);
	fxStringBuffer(the, mxResult, NULL, (txSize)bytes.length);
	/* Making room may have moved the bytes. */
	bytes = view_argument(the, 0, false);
	for (size_t i = 0; i < bytes.length; i++)
		mxResult->value.string[i] = (char)(bytes.data[i] != 0 && bytes.data[i] < 0x80 ? bytes.data[i] : '?');
}

static double number_argument(txMachine* the, int index)
{
	return fxToNumber(the, argument(the, index));
}

/* send(kind, id, bytes?, bytes?): both views in one message, so that a topic and its payload need not be joined. */
static void host_send(txMachine* the)
{
	xsh_board* board = board_of(the);
	double kind = number_argument(the, 0);
	double id = number_argument(the, 1);
	view parts[2] = { { NULL, 0 }, { NULL, 0 } };
	if (!(kind >= 0 && kind <= 255)) mxRangeError("a kind is 0 to 255");
	for (int i = 0; i < 2; i++)
		if (mxArgc > i + 2 && mxArgv(i + 2)->kind != XS_UNDEFINED_KIND) parts[i] = view_argument(the, i + 2, false);
	board->turn_output += 32 + parts[0].length + parts[1].length;
	if (board->turn_output > TURN_OUTPUT) xsh_run_end(XSH_OUTPUT, "sent more than 256 KiB in a turn");
	xsh_in_libc = 1;
	xsh_output_begin(board->id, 2);
	xsh_output_u8((uint8_t)kind);
	xsh_output_f64(id);
	for (int i = 0; i < 2; i++) xsh_output_bytes(parts[i].data, parts[i].length);
	xsh_output_end();
	xsh_in_libc = 0;
}

static const struct {
	char* name;
	txCallback callback;
	int length;
} natives[] = {
	{ "sign", host_sign, 3 },
	{ "publicKey", host_public_key, 2 },
	{ "sha256", host_sha256, 3 },
	{ "random", host_random, 1 },
	{ "uptime", host_uptime, 0 },
	{ "send", host_send, 4 },
	{ "text", host_text, 1 },
};

void xsh_natives_build(txMachine* the)
{
	const txFlag fixed = XS_DONT_DELETE_FLAG | XS_DONT_SET_FLAG;
	mxPush(mxObjectPrototype);
	txSlot* host = fxNewObjectInstance(the);
	txSlot* last = fxLastProperty(the, host);
	for (size_t i = 0; i < sizeof natives / sizeof natives[0]; i++) {
		txID id = fxID(the, natives[i].name);
		txSlot* function = fxNewHostFunction(the, natives[i].callback, natives[i].length, id, XS_NO_ID);
		function->flag |= XS_DONT_PATCH_FLAG;
		last = fxNextSlotProperty(the, last, the->stack, id, fixed);
		mxPop();
	}
	host->flag |= XS_DONT_PATCH_FLAG;
	fxNextSlotProperty(the, fxLastProperty(the, mxGlobal.value.reference), the->stack, xsh_names.host, fixed);
	mxPop();
}
