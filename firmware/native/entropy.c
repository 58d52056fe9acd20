#include "entropy.h"
#include "erase.h"
#include "signer-platform.h"

enum { SAMPLES = 128 };

/* The first byte of what is hashed: no digest of one purpose is one of another. */
enum { STIR = 0, GIVE = 1, FORGET = 2 };

static void derive(const fm_entropy* entropy, uint8_t purpose, uint8_t into[FM_DIGEST_BYTES])
{
	uint8_t block[1 + FM_DIGEST_BYTES];
	block[0] = purpose;
	memcpy(block + 1, entropy->pool, FM_DIGEST_BYTES);
	fm_sha256(block, sizeof block, into);
	fm_erase(block, sizeof block);
}

/* pool = SHA-256(STIR || pool || 128 tested samples) */
static bool stir(fm_entropy* entropy)
{
	uint8_t block[1 + FM_DIGEST_BYTES + SAMPLES];
	uint8_t* samples = block + 1 + FM_DIGEST_BYTES;
	bool ok = fm_platform_random(samples, SAMPLES);
	if (ok) {
		fm_health_see(&entropy->health, samples, SAMPLES);
		block[0] = STIR;
		memcpy(block + 1, entropy->pool, FM_DIGEST_BYTES);
		fm_sha256(block, sizeof block, entropy->pool);
		ok = fm_health_ok(&entropy->health);
	}
	fm_erase(block, sizeof block);
	return ok;
}

bool fm_entropy_open(fm_entropy* entropy)
{
	*entropy = (fm_entropy){ .usable = true };
	fm_health_open(&entropy->health);
	for (int seen = 0; seen < FM_STARTUP_SAMPLES && entropy->usable; seen += SAMPLES) entropy->usable = stir(entropy);
	return entropy->usable;
}

bool fm_entropy_fill(fm_entropy* entropy, uint8_t* into, size_t length)
{
	uint8_t block[FM_DIGEST_BYTES];
	for (size_t at = 0; at < length; at += sizeof block) {
		entropy->usable = entropy->usable && stir(entropy);
		if (!entropy->usable) break;
		derive(entropy, GIVE, block);
		size_t part = length - at < sizeof block ? length - at : sizeof block;
		memcpy(into + at, block, part);
		derive(entropy, FORGET, block);
		memcpy(entropy->pool, block, sizeof block);
	}
	fm_erase(block, sizeof block);
	if (!entropy->usable && length > 0) fm_erase(into, length);
	return entropy->usable;
}

void fm_entropy_close(fm_entropy* entropy)
{
	fm_erase(entropy, sizeof *entropy);
}
