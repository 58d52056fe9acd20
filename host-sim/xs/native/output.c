#include "host.h"

#include <errno.h>

/* A message's part that is not its bytes is counted, too. */
enum { TURN_OUTPUT = 256 * 1024, MESSAGE = 32 };

static uint8_t* buffer;
static size_t capacity;
static size_t start;
static size_t end;
static size_t frame;

static void room(size_t length)
{
	if (capacity - end >= length) return;
	if (start > 0) {
		memmove(buffer, buffer + start, end - start);
		end -= start;
		frame -= start;
		start = 0;
	}
	while (capacity - end < length) {
		capacity = capacity == 0 ? 64 * 1024 : capacity * 2;
		buffer = realloc(buffer, capacity);
		if (buffer == NULL) {
			fprintf(stderr, "xs-host: no memory for output\n");
			exit(1);
		}
	}
}

void xsh_output_bytes(const void* data, size_t length)
{
	if (length == 0) return;
	room(length);
	memcpy(buffer + end, data, length);
	end += length;
}

void xsh_output_u8(uint8_t value)
{
	xsh_output_bytes(&value, 1);
}

void xsh_output_u32(uint32_t value)
{
	uint8_t bytes[4] = { (uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16), (uint8_t)(value >> 24) };
	xsh_output_bytes(bytes, sizeof bytes);
}

void xsh_output_f64(double value)
{
	uint64_t bits;
	memcpy(&bits, &value, sizeof bits);
	xsh_output_u32((uint32_t)bits);
	xsh_output_u32((uint32_t)(bits >> 32));
}

void xsh_output_begin(uint32_t board, uint8_t kind)
{
	room(16);
	frame = end;
	xsh_output_u32(0);
	xsh_output_u32(board);
	xsh_output_u8(kind);
}

void xsh_output_end(void)
{
	uint32_t length = (uint32_t)(end - frame - 4);
	for (int i = 0; i < 4; i++) buffer[frame + (size_t)i] = (uint8_t)(length >> (8 * i));
}

size_t xsh_output_pending(void)
{
	return end - start;
}

bool xsh_output_flush(int fd)
{
	while (start < end) {
		ssize_t written = write(fd, buffer + start, end - start);
		if (written < 0 && errno == EINTR) continue;
		if (written < 0) return errno == EAGAIN || errno == EWOULDBLOCK;
		start += (size_t)written;
	}
	start = end = 0;
	return true;
}

void xsh_output_charge(xsh_board* board, size_t bytes)
{
	board->turn_output += MESSAGE + bytes;
	if (board->turn_output > TURN_OUTPUT) xsh_run_end(XSH_OUTPUT, "sent more than 256 KiB in a turn");
}
