/* The interrupt controller of qemu's virt machine (PLIC). Interrupts are off in mstatus: they only end waits. */
#include "board.h"

enum { PLIC = 0x0c000000, PRIORITY = 0, ENABLE = 0x2000, THRESHOLD = 0x200000, CLAIM = 0x200004 };
enum { EXTERNAL = 1 << 11 };

static volatile uint32_t* plic(uint32_t offset)
{
	return (volatile uint32_t*)(PLIC + offset);
}

void rv_interrupts_from(uint32_t source)
{
	*plic(PRIORITY + 4 * source) = 1;
	*plic(ENABLE) |= 1u << source;
	*plic(THRESHOLD) = 0;
	__asm__ volatile("csrw mie, %0" : : "r"(EXTERNAL));
}

void rv_interrupts_taken(void)
{
	uint32_t source = *plic(CLAIM);
	if (source != 0) *plic(CLAIM) = source;
}
