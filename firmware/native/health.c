#include "health.h"

/* 1 where two bytes are equal, else 0: samples become keys, so nothing here branches on one. */
static uint32_t same(uint32_t a, uint32_t b)
{
	return ((a ^ b) - 1) >> 31;
}

/* 1 where a >= b, else 0; both below 2^31. */
static uint32_t reaches(uint32_t a, uint32_t b)
{
	return 1 ^ (a - b) >> 31;
}

void fm_health_open(fm_health* health)
{
	/* 256 is no byte: the first sample repeats nothing. */
	*health = (fm_health){ .last = 256 };
}

void fm_health_see(fm_health* health, const uint8_t* samples, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		uint32_t sample = samples[i];
		health->run = (health->run & (0 - same(sample, health->last))) + 1;
		health->last = sample;
		health->failed |= reaches(health->run, FM_REPETITION_CUTOFF);
		if (health->in_window == 0) {
			health->first = sample;
			health->count = 0;
		}
		health->count += same(sample, health->first);
		health->failed |= reaches(health->count, FM_PROPORTION_CUTOFF);
		health->in_window = (health->in_window + 1) % FM_PROPORTION_WINDOW;
	}
}

bool fm_health_ok(const fm_health* health)
{
	return health->failed == 0;
}
