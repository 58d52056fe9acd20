/*
 * A pseudo-terminal for a simulated board: says the terminal's path in one line on standard output, then passes bytes from the terminal to
 * standard output, and from standard input to the terminal. Ends when either of them does: a parent that is gone leaves nothing behind.
 *
 * As on a real serial port, what is written while nobody has it open is lost, and what nobody reads does not hold up the board.
 */
#define _DEFAULT_SOURCE
#define _XOPEN_SOURCE 600
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* Milliseconds from one look whether somebody has opened the terminal to the next. */
#define LOOK 10

static int fail(const char *what)
{
	fprintf(stderr, "pty: %s: %s\n", what, strerror(errno));
	return 1;
}

/* No echo, no line editing: until whoever opens it says otherwise, which the kernel forgets when they close it. */
static void make_raw(int terminal)
{
	struct termios settings;

	if (tcgetattr(terminal, &settings) != 0)
		return;
	cfmakeraw(&settings);
	tcsetattr(terminal, TCSANOW, &settings);
}

/* Whether somebody has the terminal open. */
static int is_open(int master)
{
	struct pollfd look = { .fd = master, .events = 0 };

	return poll(&look, 1, 0) >= 0 && (look.revents & POLLHUP) == 0;
}

/* To standard output, all of it. */
static int pass(const char *bytes, ssize_t count)
{
	while (count > 0) {
		ssize_t written = write(STDOUT_FILENO, bytes, (size_t)count);

		if (written < 0 && errno != EINTR)
			return -1;
		if (written > 0) {
			bytes += written;
			count -= written;
		}
	}
	return 0;
}

/* To the terminal: waits for a reader that is slow, for a moment; the rest is lost. */
static void give(int master, const char *bytes, ssize_t count)
{
	while (count > 0) {
		ssize_t written = write(master, bytes, (size_t)count);
		struct pollfd room = { .fd = master, .events = POLLOUT };

		if (written > 0) {
			bytes += written;
			count -= written;
		} else if (written < 0 && errno != EAGAIN && errno != EINTR) {
			return;
		} else if (poll(&room, 1, 100) <= 0 || (room.revents & POLLHUP) != 0) {
			return;
		}
	}
}

int main(void)
{
	char bytes[4096];
	int was_open = 0;
	int master = posix_openpt(O_RDWR | O_NOCTTY);

	if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0)
		return fail("no pseudo-terminal");
	const char *path = ptsname(master);
	int once = path == NULL ? -1 : open(path, O_RDWR | O_NOCTTY);

	if (once < 0)
		return fail("cannot open the terminal");
	/* Only when it was open once does the kernel say that nobody has it open. */
	close(once);
	if (fcntl(master, F_SETFL, O_NONBLOCK) != 0)
		return fail("fcntl");
	printf("%s\n", path);
	if (fflush(stdout) != 0)
		return fail("standard output");
	for (;;) {
		int open_now = is_open(master);
		struct pollfd ends[] = {
			{ .fd = STDIN_FILENO, .events = POLLIN },
			{ .fd = open_now ? master : -1, .events = POLLIN },
		};

		if (open_now && !was_open)
			make_raw(master);
		was_open = open_now;
		if (poll(ends, 2, open_now ? -1 : LOOK) < 0 && errno != EINTR)
			return fail("poll");
		if ((ends[0].revents & (POLLIN | POLLHUP | POLLERR)) != 0) {
			ssize_t count = read(STDIN_FILENO, bytes, sizeof bytes);

			if (count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN))
				return 0;
			if (count > 0 && is_open(master))
				give(master, bytes, count);
		}
		/* What was written just before they closed it, too. */
		if (!open_now || (ends[1].revents & POLLIN) != 0) {
			ssize_t count = read(master, bytes, sizeof bytes);

			if (count > 0 && pass(bytes, count) != 0)
				return 0;
		}
	}
}
