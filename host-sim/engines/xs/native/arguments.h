/* What natives make of their arguments. Each throws a script's exception where an argument is not what it must be. */
#ifndef XSH_ARGUMENTS_H
#define XSH_ARGUMENTS_H

#include "host.h"

/* Bytes of a Uint8Array: good until something allocates or runs script. */
typedef struct {
	uint8_t* data;
	size_t length;
} xsh_view;
xsh_view xsh_view_argument(txMachine* the, int index, bool writable);
/* `needed` bytes of the view at `index` from where the argument after it says. */
uint8_t* xsh_room_argument(txMachine* the, int index, size_t needed);
/* May run script. */
double xsh_number_argument(txMachine* the, int index);
xsh_board* xsh_board_of(txMachine* the);

/* What a message is made of: bytes, or a number as a double; nothing for undefined. */
enum { XSH_PARTS = 3 };
typedef struct {
	bool is_number;
	double number;
	xsh_view bytes;
} xsh_part;
typedef struct {
	int count;
	size_t bytes;
	xsh_part parts[XSH_PARTS];
} xsh_parts;
/* All arguments from `index` on. */
xsh_parts xsh_parts_argument(txMachine* the, int index);
/* Of a message, before its parts: u8 kind, f64 id. */
enum { XSH_MESSAGE_HEAD = 1 + 8 };
void xsh_output_parts(const xsh_parts* all);
uint8_t xsh_kind_argument(txMachine* the, int index);

/* natives.c. By name, so that a linker can find what a root machine points to. */
void xsh_host_sign(txMachine* the);
void xsh_host_verify(txMachine* the);
void xsh_host_sha256(txMachine* the);
void xsh_host_public_key(txMachine* the);
void xsh_host_random(txMachine* the);
void xsh_host_uptime(txMachine* the);
void xsh_host_text(txMachine* the);
void xsh_host_double(txMachine* the);
void xsh_host_send(txMachine* the);
void xsh_host_serial_write(txMachine* the);
/* natives-flash.c */
void xsh_host_flash_read(txMachine* the);
void xsh_host_flash_program(txMachine* the);
void xsh_host_flash_erase(txMachine* the);
/* natives-call.c */
void xsh_host_call(txMachine* the);

#endif
