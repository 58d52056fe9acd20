/* The core's timer (mtime, in the CLINT): 10 MHz on qemu's virt machine. */
#include "board.h"

#define MTIME ((volatile uint32_t*)0x0200bff8)
enum { TICKS_A_MILLISECOND = 10000 };

static enum { TOLD, STARTS, OWN } source;
static uint64_t since;
static double base;

static uint64_t now(void)
{
	uint32_t high, low;
	do {
		high = MTIME[1];
		low = MTIME[0];
	} while (MTIME[1] != high);
	return (uint64_t)high << 32 | low;
}

void rv_clock_start(void)
{
	source = STARTS;
}

double rv_clock_uptime(double told)
{
	if (source == TOLD) return told;
	if (source == STARTS) {
		source = OWN;
		since = now();
		base = told;
	}
	return base + (double)((now() - since) / TICKS_A_MILLISECOND);
}
