/* What frames are made of; where their bytes go is the host's affair (xsh_output_bytes). */
#include "host.h"

void xsh_output_u8(uint8_t value)
{
	xsh_output_bytes(&value, 1);
}

void xsh_output_u32(uint32_t value)
{
	uint8_t bytes[4] = { (uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16), (uint8_t)(value >> 24) };
	xsh_output_bytes(bytes, sizeof bytes);
}

void xsh_output_f64(double value)
{
	uint64_t bits;
	memcpy(&bits, &value, sizeof bits);
	xsh_output_u32((uint32_t)bits);
	xsh_output_u32((uint32_t)(bits >> 32));
}

void xsh_output_begin(uint32_t board, uint8_t kind, size_t length)
{
	xsh_output_u32((uint32_t)(5 + length));
	xsh_output_u32(board);
	xsh_output_u8(kind);
}
