#include "signer-platform.h"

#include <errno.h>
#include <sys/random.h>

bool fm_platform_random(uint8_t* into, size_t length)
{
	while (length > 0) {
		ssize_t got = getrandom(into, length, 0);
		if (got < 0 && errno != EINTR) return false;
		if (got < 0) continue;
		into += got;
		length -= (size_t)got;
	}
	return true;
}

void fm_platform_random_begin(void)
{
}

void fm_platform_random_end(void)
{
}
