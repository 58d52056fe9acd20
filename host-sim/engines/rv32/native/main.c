/* The board: frames come over the line, one at a time, and are handled. */
#include "board.h"

/* What the linker has of the root machine (root.S, which the build writes). */
extern txMachine rv_root_machine;
extern const uint32_t rv_root_names[3];
extern const uint8_t rv_root_end[];

/* The longest frame that it takes, but for its first 9 bytes. */
enum { INPUT_BYTES = 2048, HEAD_BYTES = 4 + 4 + 1, REFUSED = 7 };
enum { DELIVER = 2, UPTIME_BYTES = 8 };

static uint8_t input[INPUT_BYTES];

void rv_power_off(bool well)
{
	/* The test device of qemu's virt machine: 0x5555 is exit code 0, 0x3333 the one above it. */
	*(volatile uint32_t*)0x100000 = well ? 0x5555 : 1 << 16 | 0x3333;
	for (;;);
}

static void say(const char* text)
{
	xsh_output_begin(0, REFUSED, strlen(text));
	xsh_output_bytes(text, strlen(text));
}

void xsh_fatal(const char* why)
{
	say(why);
	rv_power_off(false);
}

size_t xsh_root_bytes(void)
{
	return (size_t)(rv_root_end - rv_flash);
}

static uint32_t u32_at(const uint8_t* at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* What is too long is read, and not kept. */
static void skip(size_t length)
{
	while (length > 0) {
		size_t part = length < sizeof input ? length : sizeof input;
		rv_console_read(input, part);
		length -= part;
	}
	say("a frame longer than this board takes");
}

static bool handle(uint32_t board, uint8_t kind, size_t length)
{
	if (kind == DELIVER && length > UPTIME_BYTES) {
		if (input[UPTIME_BYTES] == RV_COUNTERS) {
			rv_counters_send(board);
			return true;
		}
		if (input[UPTIME_BYTES] == RV_OWN_CLOCK) {
			rv_clock_start();
			return true;
		}
		double uptime;
		memcpy(&uptime, input, sizeof uptime);
		uptime = rv_clock_uptime(uptime);
		memcpy(input, &uptime, sizeof uptime);
	}
	xsh_work_on(XSH_SCRIPT);
	return xsh_protocol_frame(board, kind, input, length);
}

/* As if the line had brought them. Without a board nobody listens. */
static void hear_serial(void)
{
	enum { KIND_AT = UPTIME_BYTES, ID_AT, BYTES_AT = ID_AT + 4, MOST = 64 };
	const xsh_board* board = xsh_boards_count() == 0 ? NULL : xsh_boards_at(0);
	size_t room = board == NULL || board->limits.payload_bytes > MOST ? MOST : board->limits.payload_bytes;
	size_t length = rv_uart_read(input + BYTES_AT, room);
	if (board == NULL) return;
	memcpy(input, &board->uptime, sizeof board->uptime);
	input[KIND_AT] = RV_SERIAL;
	memset(input + ID_AT, 0, BYTES_AT - ID_AT);
	handle(board->id, DELIVER, BYTES_AT + length);
	xsh_work_on(XSH_IDLE);
}

static void serve(void)
{
	uint8_t head[HEAD_BYTES];
	for (bool more = true; more;) {
		xsh_work_on(XSH_IDLE);
		rv_console_await(head, sizeof head, hear_serial);
		uint32_t length = u32_at(head);
		if (length < 5 || length > XSH_FRAME_BYTES) xsh_fatal("a frame's length is out of range");
		length -= 5;
		if (length > sizeof input) {
			skip(length);
			continue;
		}
		rv_console_read(input, length);
		more = handle(u32_at(head + 4), head[8], length);
	}
}

void rv_main(void);
void rv_main(void)
{
	rv_counters_open();
	rv_pmp_lock();
	rv_heap_open();
	rv_console_open();
	rv_entropy_open();
	rv_uart_open();
	xsh_root = &rv_root_machine;
	xsh_names = (xsh_ids){ .host = (txID)rv_root_names[0], .boot = (txID)rv_root_names[1], .receive = (txID)rv_root_names[2] };
	xsh_random_open();
	fxInitializeSharedCluster();
	rv_heap_keep();
	xsh_protocol_ready();
	serve();
	rv_power_off(true);
}
