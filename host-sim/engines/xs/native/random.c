#include "host.h"

static fm_entropy entropy;

void xsh_random_open(void)
{
	if (fm_entropy_open(&entropy) && fm_signer_boot(&entropy) == FM_OK) return;
	xsh_fatal("the random source or libsecp256k1 does not start");
}

void xsh_random_system(uint8_t* into, size_t length)
{
	if (fm_entropy_fill(&entropy, into, length)) return;
	xsh_fatal("the random source failed");
}

void xsh_random_fill(xsh_random* random, uint8_t* into, size_t length)
{
	uint8_t block[XSH_SEED_BYTES + 8];
	uint8_t digest[FM_DIGEST_BYTES];
	memcpy(block, random->seed, XSH_SEED_BYTES);
	while (length > 0) {
		for (int i = 0; i < 8; i++) block[XSH_SEED_BYTES + i] = (uint8_t)(random->counter >> (8 * i));
		random->counter++;
		fm_sha256(block, sizeof block, digest);
		size_t part = length < sizeof digest ? length : sizeof digest;
		memcpy(into, digest, part);
		into += part;
		length -= part;
	}
	fm_erase(block, sizeof block);
	fm_erase(digest, sizeof digest);
}
