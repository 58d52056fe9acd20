/* What the parts of the bare board share. qemu's `virt` machine; addresses come from board.ld. */
#ifndef RV32_BOARD_H
#define RV32_BOARD_H

#include "host.h"

/* The linker's: where memory begins and ends. */
extern uint8_t rv_flash[], rv_flash_end[], rv_ram[], rv_ram_end[], rv_ram_limit[], rv_heap[], rv_stack[], rv_stack_top[], rv_journal[], rv_journal_end[];

/* pmp.c: locks what is not to be written, until the next reset. */
void rv_pmp_lock(void);

/* console.c: the line to the other side. */
void rv_console_open(void);
void rv_console_read(uint8_t* into, size_t length);
/* Like it; calls `meanwhile` whenever the serial port has something, until the first of the bytes are there. */
void rv_console_await(uint8_t* into, size_t length, void (*meanwhile)(void));

/* uart.c: the serial port that a technician holds. */
void rv_uart_open(void);
bool rv_uart_has(void);
/* What is there; returns how many bytes. */
size_t rv_uart_read(uint8_t* into, size_t most);

/* interrupts.c */
/* From now on this source ends waits. */
void rv_interrupts_from(uint32_t source);
/* What it had to tell is dealt with. */
void rv_interrupts_taken(void);

/* entropy-device.c */
void rv_entropy_open(void);

/* heap.c: all memory that nothing else has, for the engine and libsecp256k1. */
void rv_heap_open(void);
/* What is there now stays; all that comes after it is given back at once by rv_heap_reset. */
void rv_heap_keep(void);
void rv_heap_reset(void);
typedef struct {
	uint32_t size, used, peak;
} rv_heap_counts;
rv_heap_counts rv_heap_count(void);

/* counters.c: instructions by what they were for, since they were told last. */
void rv_counters_open(void);
void rv_counters_send(uint32_t board);

/* Kinds of messages that are for the machine, and not for the board's script. */
enum { RV_OWN_CLOCK = 254, RV_COUNTERS = 255 };
/* And the one that is made here, for the script: bytes from the serial port. */
enum { RV_SERIAL = 253 };

/* clock.c */
/* From now on the board's uptime is that of the first message, and what has passed since by the core's timer. */
void rv_clock_start(void);
/* Milliseconds: what a message says, or the board's own. */
double rv_clock_uptime(double told);

/* start.S: fills the stack, so that its deepest point can be seen. */
enum { RV_UNUSED = 0x5a };

void rv_power_off(bool well) __attribute__((noreturn));

#endif
