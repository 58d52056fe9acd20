#ifndef FM_HEALTH_H
#define FM_HEALTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The health tests of NIST SP 800-90B section 4.4 over the samples of a noise source, a byte each.
 *
 * The claim that they guard is 4 bits of min-entropy a byte (H). ESP32's manual says 8 (two bits from the SAR ADC's noise
 * in each cycle of the 8 MHz clock, read at 500 kHz or less); half of that is what this module counts on.
 * The cutoffs are for a false alarm once in 2^30 (alpha; section 4.4 suggests 2^-20 to 2^-40) from a source that just keeps the
 * claim; from one with 8 bits a byte it is less than once in 2^64.
 */
enum {
	/* Repetition count test, 4.4.1: this many equal samples in a row fail. 1 + ceil(30 / H). */
	FM_REPETITION_CUTOFF = 9,
	/* Adaptive proportion test, 4.4.2: a window's first sample, this many times in it, fails. 1 + critbinom(512, 2^-H, 1 - 2^-30). */
	FM_PROPORTION_WINDOW = 512,
	FM_PROPORTION_CUTOFF = 71,
	/* Samples that must pass before any is used, 4.3 item 4. */
	FM_STARTUP_SAMPLES = 1024
};

typedef struct {
	uint32_t last;
	uint32_t run;
	uint32_t first;
	uint32_t count;
	uint32_t in_window;
	uint32_t failed;
} fm_health;

void fm_health_open(fm_health* health);
/* Tests `length` more samples. A failure stays. The time it takes depends on `length` alone. */
void fm_health_see(fm_health* health, const uint8_t* samples, size_t length);
bool fm_health_ok(const fm_health* health);

#endif
