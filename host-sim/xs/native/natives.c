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
	uint8_t signature[FM_SIGNATURE_BYTES];
	view digest = view_argument(the, 0, false);
	if (digest.length != FM_DIGEST_BYTES) mxRangeError("a digest of %d bytes", (int)digest.length);
	if (fm_signer_sign(&board->signer, digest.data, signature) != FM_OK) mxUnknownError("cannot sign");
	memcpy(room_argument(the, 1, sizeof signature), signature, sizeof signature);
}

/* verify(signature, digest, publicKey): false, never an exception, for bytes that are not a signature, a digest and a key. */
static void host_verify(txMachine* the)
{
	view signature = view_argument(the, 0, false);
	view digest = view_argument(the, 1, false);
	view key = view_argument(the, 2, false);
	mxResult->value.boolean = signature.length == FM_SIGNATURE_BYTES && digest.length == FM_DIGEST_BYTES
		&& fm_verify(key.data, key.length, digest.data, signature.data);
	mxResult->kind = XS_BOOLEAN_KIND;
}

static void host_sha256(txMachine* the)
{
	uint8_t digest[FM_DIGEST_BYTES];
	view data = view_argument(the, 0, false);
	fm_sha256(data.data, data.length, digest);
	memcpy(room_argument(the, 1, sizeof digest), digest, sizeof digest);
}

static void host_public_key(txMachine* the)
{
	memcpy(room_argument(the, 0, FM_PUBLIC_KEY_BYTES), board_of(the)->signer.public_key, FM_PUBLIC_KEY_BYTES);
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

/* double(bytes, at): the little-endian double there; a DataView would be an object for each message. */
static void host_double(txMachine* the)
{
	double at = number_argument(the, 1);
	view bytes = view_argument(the, 0, false);
	if (!(at >= 0 && at <= (double)bytes.length && (double)bytes.length - at >= 8)) mxRangeError("no 8 bytes there");
	const uint8_t* from = bytes.data + (size_t)at;
	uint64_t bits = 0;
	for (int i = 7; i >= 0; i--) bits = bits << 8 | from[i];
	mxResult->kind = XS_NUMBER_KIND;
	memcpy(&mxResult->value.number, &bits, sizeof bits);
}

/* What `send` makes of an argument: bytes, or a number as a double; nothing for undefined. */
typedef struct {
	bool is_number;
	double number;
	view bytes;
} part;

static part part_argument(txMachine* the, int index)
{
	part it = { false, 0, { NULL, 0 } };
	const txSlot* slot = mxArgv(index);
	if (slot->kind == XS_INTEGER_KIND || slot->kind == XS_NUMBER_KIND) {
		it.is_number = true;
		it.number = slot->kind == XS_INTEGER_KIND ? slot->value.integer : slot->value.number;
		it.bytes.length = sizeof it.number;
	} else if (slot->kind != XS_UNDEFINED_KIND) it.bytes = view_argument(the, index, false);
	return it;
}

/* send(kind, id, ...parts): one message, so that what it is made of need not be joined in script. */
static void host_send(txMachine* the)
{
	enum { PARTS = 3 };
	xsh_board* board = board_of(the);
	double kind = number_argument(the, 0);
	double id = number_argument(the, 1);
	part parts[PARTS];
	if (!(kind >= 0 && kind <= 255)) mxRangeError("a kind is 0 to 255");
	if (mxArgc > 2 + PARTS) mxRangeError("at most %d parts", PARTS);
	board->turn_output += 32;
	for (int i = 2; i < mxArgc; i++) {
		parts[i - 2] = part_argument(the, i);
		board->turn_output += parts[i - 2].bytes.length;
	}
	if (board->turn_output > TURN_OUTPUT) xsh_run_end(XSH_OUTPUT, "sent more than 256 KiB in a turn");
	xsh_in_libc = 1;
	xsh_output_begin(board->id, 2);
	xsh_output_u8((uint8_t)kind);
	xsh_output_f64(id);
	for (int i = 0; i < mxArgc - 2; i++) {
		if (parts[i].is_number) xsh_output_f64(parts[i].number);
		else xsh_output_bytes(parts[i].bytes.data, parts[i].bytes.length);
	}
	xsh_output_end();
	xsh_in_libc = 0;
}

static const struct {
	char* name;
	txCallback callback;
	int length;
} natives[] = {
	{ "sign", host_sign, 3 },
	{ "verify", host_verify, 3 },
	{ "publicKey", host_public_key, 2 },
	{ "sha256", host_sha256, 3 },
	{ "random", host_random, 1 },
	{ "uptime", host_uptime, 0 },
	{ "double", host_double, 2 },
	{ "send", host_send, 5 },
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
