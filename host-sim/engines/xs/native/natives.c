/* `host`, what a board's script has of its board. Pointers into chunks are taken after the last allocation. */
#include "arguments.h"

enum { SENT = 2 };

void xsh_host_sign(txMachine* the)
{
	xsh_board* board = xsh_board_of(the);
	uint8_t signature[FM_SIGNATURE_BYTES];
	xsh_view digest = xsh_view_argument(the, 0, false);
	if (digest.length != FM_DIGEST_BYTES) mxRangeError("a digest of %d bytes", (int)digest.length);
	xsh_work was = xsh_work_on(XSH_SIGN);
	fm_status status = fm_signer_sign(&board->signer, digest.data, signature);
	xsh_work_on(was);
	if (status != FM_OK) mxUnknownError("cannot sign");
	memcpy(xsh_room_argument(the, 1, sizeof signature), signature, sizeof signature);
}

/* verify(signature, digest, publicKey): false, never an exception, for bytes that are not a signature, a digest and a key. */
void xsh_host_verify(txMachine* the)
{
	xsh_view signature = xsh_view_argument(the, 0, false);
	xsh_view digest = xsh_view_argument(the, 1, false);
	xsh_view key = xsh_view_argument(the, 2, false);
	mxResult->value.boolean = signature.length == FM_SIGNATURE_BYTES && digest.length == FM_DIGEST_BYTES
		&& fm_verify(key.data, key.length, digest.data, signature.data);
	mxResult->kind = XS_BOOLEAN_KIND;
}

void xsh_host_sha256(txMachine* the)
{
	uint8_t digest[FM_DIGEST_BYTES];
	xsh_view data = xsh_view_argument(the, 0, false);
	xsh_work was = xsh_work_on(XSH_HASH);
	fm_sha256(data.data, data.length, digest);
	xsh_work_on(was);
	memcpy(xsh_room_argument(the, 1, sizeof digest), digest, sizeof digest);
}

void xsh_host_public_key(txMachine* the)
{
	memcpy(xsh_room_argument(the, 0, FM_PUBLIC_KEY_BYTES), xsh_board_of(the)->signer.public_key, FM_PUBLIC_KEY_BYTES);
}

void xsh_host_random(txMachine* the)
{
	xsh_board* board = xsh_board_of(the);
	xsh_view into = xsh_view_argument(the, 0, true);
	xsh_random_fill(&board->random, into.data, into.length);
}

void xsh_host_uptime(txMachine* the)
{
	mxResult->kind = XS_NUMBER_KIND;
	mxResult->value.number = xsh_board_of(the)->uptime;
}

/* text(bytes): ASCII to a string in one piece ('?' for what is not); in script every character would copy all before it. */
void xsh_host_text(txMachine* the)
{
	xsh_view bytes = xsh_view_argument(the, 0, false);
	fxStringBuffer(the, mxResult, NULL, (txSize)bytes.length);
	/* Making room may have moved the bytes. */
	bytes = xsh_view_argument(the, 0, false);
	for (size_t i = 0; i < bytes.length; i++)
		mxResult->value.string[i] = (char)(bytes.data[i] != 0 && bytes.data[i] < 0x80 ? bytes.data[i] : '?');
}

/* double(bytes, at): the little-endian double there; a DataView would be an object for each message. */
void xsh_host_double(txMachine* the)
{
	double at = xsh_number_argument(the, 1);
	xsh_view bytes = xsh_view_argument(the, 0, false);
	if (!(at >= 0 && at <= (double)bytes.length && (double)bytes.length - at >= 8)) mxRangeError("no 8 bytes there");
	const uint8_t* from = bytes.data + (size_t)at;
	uint64_t bits = 0;
	for (int i = 7; i >= 0; i--) bits = bits << 8 | from[i];
	mxResult->kind = XS_NUMBER_KIND;
	memcpy(&mxResult->value.number, &bits, sizeof bits);
}

/* send(kind, id, ...parts): one message, so that what it is made of need not be joined in script. */
void xsh_host_send(txMachine* the)
{
	xsh_board* board = xsh_board_of(the);
	uint8_t kind = xsh_kind_argument(the, 0);
	double id = xsh_number_argument(the, 1);
	xsh_parts parts = xsh_parts_argument(the, 2);
	xsh_board_charge(board, parts.bytes);
	xsh_in_libc = 1;
	xsh_output_begin(board->id, SENT, XSH_MESSAGE_HEAD + parts.bytes);
	xsh_output_u8(kind);
	xsh_output_f64(id);
	xsh_output_parts(&parts);
	xsh_in_libc = 0;
}

/* serialWrite(bytes): to the wire that a technician holds. What it does not take is dropped. */
void xsh_host_serial_write(txMachine* the)
{
	xsh_view bytes = xsh_view_argument(the, 0, false);
	if (!xsh_serial_write(bytes.data, bytes.length)) mxUnknownError("this board has no serial port");
}

static const struct {
	char* name;
	txCallback callback;
	int length;
} natives[] = {
	{ "sign", xsh_host_sign, 3 },
	{ "verify", xsh_host_verify, 3 },
	{ "publicKey", xsh_host_public_key, 2 },
	{ "sha256", xsh_host_sha256, 3 },
	{ "random", xsh_host_random, 1 },
	{ "uptime", xsh_host_uptime, 0 },
	{ "double", xsh_host_double, 2 },
	{ "send", xsh_host_send, 5 },
	{ "text", xsh_host_text, 1 },
	{ "serialWrite", xsh_host_serial_write, 1 },
	{ "flashRead", xsh_host_flash_read, 2 },
	{ "flashProgram", xsh_host_flash_program, 2 },
	{ "flashErase", xsh_host_flash_erase, 1 },
	{ "call", xsh_host_call, 6 },
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
