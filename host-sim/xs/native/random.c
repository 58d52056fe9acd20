#include "host.h"

#include <sys/random.h>

void xsh_random_system(uint8_t* into, size_t length)
{
	while (length > 0) {
		ssize_t got = getrandom(into, length, 0);
		if (got < 0) {
			perror("xs-host: getrandom");
			exit(1);
		}
		into += got;
		length -= (size_t)got;
	}
}

void xsh_random_fill(xsh_random* random, uint8_t* into, size_t length)
{
	uint8_t block[XSH_SEED_BYTES + 8];
	uint8_t digest[XSH_DIGEST_BYTES];
	memcpy(block, random->seed, XSH_SEED_BYTES);
	while (length > 0) {
		for (int i = 0; i < 8; i++) block[XSH_SEED_BYTES + i] = (uint8_t)(random->counter >> (8 * i));
		random->counter++;
		xsh_sha256(block, sizeof block, digest);
		size_t part = length < sizeof digest ? length : sizeof digest;
		memcpy(into, digest, part);
		into += part;
		length -= part;
	}
	xsh_erase(block, sizeof block);
	xsh_erase(digest, sizeof digest);
}
