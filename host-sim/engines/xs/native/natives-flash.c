/* The board's own flash, for its script (nor.c). Errors are worded as those of the port's other bindings. */
#include "arguments.h"

enum { FLASHED = 9, PROGRAMMED = 1, WAS_ERASED = 2 };

static xsh_nor* flash_of(txMachine* the)
{
	xsh_nor* nor = xsh_board_of(the)->nor;
	if (nor == NULL) mxUnknownError("this board has no flash");
	return nor;
}

static uint32_t checked(txMachine* the, const xsh_nor* nor, double address, size_t length)
{
	char text[40];
	if (address >= 0 && address == floor(address) && address + (double)length <= nor->shape.size) return (uint32_t)address;
	/* As a script writes it. */
	fxNumberToString(the, address, text, sizeof text, 0, 0);
	mxRangeError("address: %u bytes from %s are not inside 0 to %u", (unsigned)length, text, (unsigned)nor->shape.size);
	return 0;
}

/* Before anything that the board sends after it. */
static void tell(xsh_board* board, uint8_t what, uint32_t address, const uint8_t* data, size_t length)
{
	if (!board->nor->mirrored) return;
	xsh_board_charge(board, length);
	xsh_in_libc = 1;
	xsh_output_begin(board->id, FLASHED, 1 + 4 + length);
	xsh_output_u8(what);
	xsh_output_u32(address);
	xsh_output_bytes(data, length);
	xsh_in_libc = 0;
}

/* flashRead(address, into) */
void xsh_host_flash_read(txMachine* the)
{
	const xsh_nor* nor = flash_of(the);
	double at = xsh_number_argument(the, 0);
	xsh_view into = xsh_view_argument(the, 1, true);
	uint32_t address = checked(the, nor, at, into.length);
	xsh_work was = xsh_work_on(XSH_FLASH);
	xsh_nor_read(nor, address, into.data, into.length);
	xsh_work_on(was);
}

/* flashProgram(address, bytes) */
void xsh_host_flash_program(txMachine* the)
{
	xsh_nor* nor = flash_of(the);
	double at = xsh_number_argument(the, 0);
	xsh_view bytes = xsh_view_argument(the, 1, false);
	uint32_t address = checked(the, nor, at, bytes.length);
	uint32_t piece = nor->shape.program_bytes;
	if (address % piece != 0 || bytes.length % piece != 0)
		mxRangeError("address: %u bytes from %u are no whole pieces of %u bytes", (unsigned)bytes.length, address, piece);
	xsh_in_libc = 1;
	xsh_work was = xsh_work_on(XSH_FLASH);
	bool done = xsh_nor_program(nor, address, bytes.data, bytes.length);
	xsh_work_on(was);
	xsh_in_libc = 0;
	if (!done) xsh_run_end(XSH_HOST_MEMORY, "no memory for what is in flash");
	tell(xsh_board_of(the), PROGRAMMED, address, bytes.data, bytes.length);
}

/* flashErase(address) */
void xsh_host_flash_erase(txMachine* the)
{
	xsh_nor* nor = flash_of(the);
	uint32_t address = checked(the, nor, xsh_number_argument(the, 0), nor->shape.sector_bytes);
	if (address % nor->shape.sector_bytes != 0)
		mxRangeError("address: %u is not the start of a sector of %u bytes", address, nor->shape.sector_bytes);
	xsh_in_libc = 1;
	xsh_work was = xsh_work_on(XSH_FLASH);
	xsh_nor_erase(nor, address);
	xsh_work_on(was);
	xsh_in_libc = 0;
	tell(xsh_board_of(the), WAS_ERASED, address, NULL, 0);
}
