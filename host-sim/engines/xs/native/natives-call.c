#include "arguments.h"

enum { CALL = 10 };
enum { OK = 0, FAILED = 1, OUT_OF_RANGE = 2, CUT = 3 };

static void throw_text(txMachine* the, const xsh_reply* reply)
{
	char text[120];
	size_t length = reply->length < sizeof text - 1 ? reply->length : sizeof text - 1;
	for (size_t i = 0; i < length; i++) text[i] = (char)(reply->data[i] != 0 && reply->data[i] < 0x80 ? reply->data[i] : '?');
	text[length] = 0;
	if (reply->status == OUT_OF_RANGE) mxRangeError("%s", text);
	mxUnknownError("%s", text);
}

/*
 * call(kind, id, into, ...parts): a message that the other side answers before the board goes on. The answer's bytes come into
 * `into`, which may be undefined; returns how many. Throws what the other side throws; does not return where it cuts the power.
 */
void xsh_host_call(txMachine* the)
{
	xsh_board* board = xsh_board_of(the);
	if (!board->is_synchronous) mxUnknownError("call: this board was not created for it");
	uint8_t kind = xsh_kind_argument(the, 0);
	double id = xsh_number_argument(the, 1);
	xsh_parts parts = xsh_parts_argument(the, 3);
	bool has_room = mxArgc > 2 && mxArgv(2)->kind != XS_UNDEFINED_KIND;
	xsh_view into = { NULL, 0 };
	if (has_room) into = xsh_view_argument(the, 2, true);
	xsh_board_charge(board, parts.bytes);
	xsh_run_steps++;
	xsh_in_libc = 1;
	xsh_output_begin(board->id, CALL, XSH_MESSAGE_HEAD + parts.bytes);
	xsh_output_u8(kind);
	xsh_output_f64(id);
	xsh_output_parts(&parts);
	xsh_reply reply = xsh_call(board->id);
	/* What it wrote is gone from here: only what waits has a limit. */
	board->turn_output = 0;
	xsh_in_libc = 0;
	if (reply.status == CUT) xsh_run_end(XSH_POWER_CUT, "the power was cut");
	if (reply.status != OK) throw_text(the, &reply);
	if (reply.length > into.length) mxRangeError("call: an answer of %u bytes, room for %u", (unsigned)reply.length, (unsigned)into.length);
	if (reply.length > 0) memcpy(into.data, reply.data, reply.length);
	mxResult->kind = XS_INTEGER_KIND;
	mxResult->value.integer = (txInteger)reply.length;
}
