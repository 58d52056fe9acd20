#include "host.h"

#include <errno.h>

static uint8_t* buffer;
static size_t capacity;
static size_t start;
static size_t end;

static void room(size_t length)
{
	if (capacity - end >= length) return;
	if (start > 0) {
		memmove(buffer, buffer + start, end - start);
		end -= start;
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
