/* xs-host <bundle>: many boards on the XS engine in one process. Speaks frames (protocol.c) on stdin and stdout. */
#include "host.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#if defined(__linux__)
#include <sys/prctl.h>
#endif

/* More than this waiting to be read by the other side, and no more is read from it. */
enum { OUTPUT_HIGH = 1 << 20, INPUT_BYTES = XSH_FRAME_BYTES + (1 << 16), ROOT_BYTES = 256 << 20 };

static uint8_t input[INPUT_BYTES];
static size_t input_start;
static size_t input_end;

size_t xsh_input_waiting(void)
{
	return input_end - input_start;
}

static uint32_t u32_at(const uint8_t* at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

typedef enum { GO_ON, STOP, BROKEN } progress;

/* Handles whole frames until there is none, or output waits. */
static progress handle_input(void)
{
	while (input_end - input_start >= 4 && xsh_output_pending() < OUTPUT_HIGH) {
		uint8_t* frame = input + input_start;
		uint32_t length = u32_at(frame);
		if (length < 5 || length > XSH_FRAME_BYTES) return BROKEN;
		if (input_end - input_start < 4 + (size_t)length) return GO_ON;
		input_start += 4 + length;
		if (!xsh_protocol_frame(u32_at(frame + 4), frame[8], frame + 9, length - 5)) return STOP;
	}
	return GO_ON;
}

static bool has_frame(void)
{
	size_t there = input_end - input_start;
	return there >= 4 && there >= 4 + (size_t)u32_at(input + input_start);
}

/* False: the other side is gone. */
static bool read_input(void)
{
	if (input_start > 0) {
		size_t left = input_end - input_start;
		memmove(input, input + input_start, left);
		/* The rest of a create may stay behind. */
		size_t behind = left < input_start ? input_start : left;
		fm_erase(input + behind, input_end - behind);
		input_end = left;
		input_start = 0;
	}
	if (input_end == sizeof input) return true;
	ssize_t got = read(STDIN_FILENO, input + input_end, sizeof input - input_end);
	if (got < 0) return errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK;
	input_end += (size_t)got;
	return got > 0;
}

static int serve(void)
{
	bool reading = true;
	/* Kept: nothing after it is handled, however long what was said before takes to be read. */
	bool stopping = false;
	for (;;) {
		progress made = stopping ? STOP : handle_input();
		stopping = made == STOP;
		if (!xsh_output_flush(STDOUT_FILENO)) return 0;
		bool waiting = xsh_output_pending() > 0;
		if (made == BROKEN) {
			fprintf(stderr, "xs-host: a frame's length is out of range\n");
			return 2;
		}
		/* Left where the output was full: no more input need come for it to be handled. */
		if (made == GO_ON && has_frame() && xsh_output_pending() < OUTPUT_HIGH) continue;
		if ((made == STOP || !reading) && !waiting) return 0;
		struct pollfd fds[2] = {
			{ .fd = reading && made == GO_ON && xsh_output_pending() < OUTPUT_HIGH ? STDIN_FILENO : -1, .events = POLLIN },
			{ .fd = waiting ? STDOUT_FILENO : -1, .events = POLLOUT },
		};
		if (poll(fds, 2, -1) < 0 && errno != EINTR) return 1;
		if (fds[0].revents != 0 && !read_input()) reading = false;
	}
}

/*
 * Ctrl-C in a terminal and timeout(1) signal the whole group: it is Node that decides, and waits for what is under way. Without Node
 * nobody hears xs-host, which sees the end of its input only between turns.
 */
static void follow_parent(void)
{
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
#if defined(__linux__)
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() == 1) exit(1);
#endif
}

int main(int argc, char** argv)
{
	char error[512] = "";
	if (argc != 2) {
		fprintf(stderr, "usage: xs-host <bundle.js>\n");
		return 1;
	}
	follow_parent();
	/* Only the output: a terminal or pipe may share its flags with the input, and reading follows poll anyway. */
	fcntl(STDOUT_FILENO, F_SETFL, fcntl(STDOUT_FILENO, F_GETFL) | O_NONBLOCK);
	xsh_alloc_root(ROOT_BYTES);
	xsh_stack_open();
	xsh_run_open();
	xsh_random_open();
	if (!xsh_root_open(argv[1], error, sizeof error)) {
		fprintf(stderr, "xs-host: %s: %s\n", argv[1], error);
		return 1;
	}
	xsh_protocol_ready();
	return serve();
}
