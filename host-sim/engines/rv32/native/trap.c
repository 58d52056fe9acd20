/* What the core does not do ends the board, by name; where no board runs, the machine. */
#include "board.h"

enum { READ_FAULT = 5, STORE_MISALIGNED = 6, STORE_FAULT = 7 };
/* So far below the stack a frame that does not fit may write. */
enum { BELOW = 4096 };

void rv_trap(uint32_t cause, uint32_t at, uint32_t address, uint32_t stack) __attribute__((noreturn));
void rv_trap(uint32_t cause, uint32_t at, uint32_t address, uint32_t stack)
{
	char detail[96];
	bool is_memory = READ_FAULT <= cause && cause <= STORE_FAULT;
	bool is_deep = stack < (uintptr_t)rv_stack + 64 || ((uintptr_t)rv_stack - BELOW <= address && address < (uintptr_t)rv_stack);
	if (is_memory && is_deep && xsh_run_board() != NULL) xsh_run_end(XSH_NATIVE_STACK, "the engine called itself too deep");
	if (cause == STORE_FAULT && (uintptr_t)rv_flash <= address && address < (uintptr_t)rv_flash_end && xsh_run_board() != NULL) {
		snprintf(detail, sizeof detail, "wrote to flash at %u", (unsigned)(address - (uintptr_t)rv_flash));
		xsh_run_end(XSH_FLASH_WRITE, detail);
	}
	snprintf(detail, sizeof detail, "trap %u at 0x%x, address 0x%x, stack 0x%x", (unsigned)cause, (unsigned)at, (unsigned)address, (unsigned)stack);
	if (xsh_run_is_active()) xsh_run_end(XSH_FATAL, detail);
	xsh_fatal(detail);
}
