/*
 * Physical memory protection (RISC-V privileged architecture, section 3.7). Locked entries hold for machine mode as well, and until the
 * next reset: code and root machine can be read and run, RAM read and written, what lies around them neither.
 */
#include "board.h"

enum { READ = 1, WRITE = 2, RUN = 4, TO_TOP = 1 << 3, LOCKED = 1 << 7 };

#define SET_ADDRESS(index, address) __asm__ volatile("csrw pmpaddr" #index ", %0" : : "r"((uintptr_t)(address) >> 2))

void rv_pmp_lock(void)
{
	/* Each entry begins where the one before it ends. */
	SET_ADDRESS(0, 0x1000);
	SET_ADDRESS(1, rv_flash);
	SET_ADDRESS(2, rv_flash_end);
	SET_ADDRESS(3, rv_ram_end);
	SET_ADDRESS(4, rv_journal);
	SET_ADDRESS(5, rv_journal_end);
	SET_ADDRESS(6, 0xfffffffc);
	const uint32_t none = LOCKED | TO_TOP;
	const uint32_t first = none /* a NULL */ | (none | READ | WRITE) << 8 /* devices */ | (none | READ | RUN) << 16 | (none | READ | WRITE) << 24;
	const uint32_t second = none | (none | READ | WRITE) << 8 | none << 16;
	__asm__ volatile("csrw pmpcfg0, %0" : : "r"(first));
	__asm__ volatile("csrw pmpcfg1, %0" : : "r"(second));
	__asm__ volatile("sfence.vma" : : : "memory");
}
