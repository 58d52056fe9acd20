#ifndef FM_ENTROPY_H
#define FM_ENTROPY_H

#include "health.h"
#include "sha256.h"

/*
 * Random bytes fit for keys, from a source that is tested all the time (health.h) and conditioned by SHA-256
 * (SP 800-90B section 3.1.5.1.1). 128 samples, 512 bits by the claim, stand behind each 32 bytes: more than
 * the 320 bits that full entropy asks for (SP 800-90C section 3.1, output + 64).
 * What was gathered before stays in the pool: a source that later only looks random, as an ESP32's does with
 * its radio off, does not make the output guessable. The pool is replaced after each block, so it does not tell what was given out.
 */
typedef struct {
	fm_health health;
	uint8_t pool[FM_DIGEST_BYTES];
	bool usable;
} fm_entropy;

/* The start-up test. False: the source does not answer, or is not random; then fm_entropy_fill gives nothing either. */
bool fm_entropy_open(fm_entropy* entropy);
/* False: the source failed, now or before; `into` is then zeros. */
bool fm_entropy_fill(fm_entropy* entropy, uint8_t* into, size_t length);
/* Erases it: it is then not usable. */
void fm_entropy_close(fm_entropy* entropy);

#endif
