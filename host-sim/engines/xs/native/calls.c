/*
 * Synchronous calls of boards: the turn stands still until the other side has answered, which it does before it sends
 * anything else. That is why a board makes calls only if it was created for it.
 */
#include "host.h"

#include <errno.h>
#include <poll.h>

enum { REPLY = 10, HEAD = 4 + 4 + 1, LEAST = 5 + 1 };

/* Not main.c's buffer: what is in that must not move while a message is being handled. */
static uint8_t frame[4 + XSH_FRAME_BYTES];

static void broken(const char* why) __attribute__((noreturn));
static void broken(const char* why)
{
	fprintf(stderr, "xs-host: a call: %s\n", why);
	exit(2);
}

static uint32_t u32_at(const uint8_t* at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* The end of the process where the other side is gone, as between turns. */
static void write_all(void)
{
	for (;;) {
		if (!xsh_output_flush(STDOUT_FILENO)) exit(0);
		if (xsh_output_pending() == 0) return;
		struct pollfd out = { .fd = STDOUT_FILENO, .events = POLLOUT };
		poll(&out, 1, -1);
	}
}

static size_t read_some(uint8_t* into, size_t room)
{
	for (;;) {
		ssize_t got = read(STDIN_FILENO, into, room);
		if (got > 0) return (size_t)got;
		if (got == 0 || (errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK)) exit(0);
		struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };
		if (errno != EINTR) poll(&in, 1, -1);
	}
}

xsh_reply xsh_call(uint32_t board)
{
	if (xsh_input_waiting() > 0) broken("input came before it");
	write_all();
	size_t there = 0;
	size_t length = 0;
	while (there < 4 || there < 4 + length) {
		there += read_some(frame + there, sizeof frame - there);
		if (there < 4) continue;
		length = u32_at(frame);
		if (length < LEAST || length > XSH_FRAME_BYTES || there > 4 + length) broken("no reply to it");
	}
	if (u32_at(frame + 4) != board || frame[8] != REPLY) broken("no reply to it");
	return (xsh_reply){ .status = frame[HEAD], .data = frame + HEAD + 1, .length = length - LEAST };
}
