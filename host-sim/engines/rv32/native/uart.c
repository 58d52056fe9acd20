/* The board's serial port: an NS16550A, where qemu's virt machine has it. */
#include "board.h"

#define UART ((volatile uint8_t*)0x10000000)
enum { SOURCE = 10 };
/* Registers, and bits of the last: TI PC16550D, section 8. */
enum { DATA = 0, INTERRUPTS = 1, FIFOS = 2, FORMAT = 3, LINE = 5 };
enum { RECEIVED = 1, EMPTY = 0x20 };
/* Looks at a port that takes nothing, before the rest of a write is dropped. */
enum { PATIENCE = 1000000 };

void rv_uart_open(void)
{
	UART[FORMAT] = 3; /* 8N1 */
	UART[FIFOS] = 7;  /* on, and emptied */
	UART[INTERRUPTS] = RECEIVED;
	rv_interrupts_from(SOURCE);
}

bool rv_uart_has(void)
{
	return UART[LINE] & RECEIVED;
}

size_t rv_uart_read(uint8_t* into, size_t most)
{
	size_t length = 0;
	while (length < most && rv_uart_has()) into[length++] = UART[DATA];
	return length;
}

bool xsh_serial_write(const uint8_t* bytes, size_t length)
{
	xsh_work was = xsh_work_on(XSH_SERIAL);
	uint32_t patience = PATIENCE;
	for (size_t i = 0; i < length; i++) {
		while (!(UART[LINE] & EMPTY) && patience > 0) patience--;
		if (patience > 0) UART[DATA] = bytes[i];
	}
	xsh_work_on(was);
	return true;
}
