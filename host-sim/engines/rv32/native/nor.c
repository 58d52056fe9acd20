/*
 * The board's own flash: memory that outlives the power where the machine's memory is a file. It has NOR's rules: programming
 * clears bits, erasing sets those of a sector. A cut of the power leaves either half done.
 */
#include "board.h"

enum { ERASED = 0xff };

static xsh_nor nor;
static bool is_made;

static uint8_t* bytes_at(uint32_t address)
{
	return rv_journal + address;
}

xsh_nor* xsh_nor_find(uint32_t id)
{
	return is_made && nor.id == id ? &nor : NULL;
}

/* Without content, what the flash holds stays. */
const char* xsh_nor_make(uint32_t id, const xsh_nor_shape* shape, bool mirrored, const uint8_t* content, size_t length)
{
	if (shape->program_bytes < 1 || shape->sector_bytes < shape->program_bytes || shape->sector_bytes % shape->program_bytes != 0
		|| shape->size < shape->sector_bytes || shape->size % shape->sector_bytes != 0)
		return "no such geometry";
	if (shape->size > (size_t)(rv_journal_end - rv_journal)) return "larger than this board's";
	if (length > shape->size) return "more content than it has room for";
	nor = (xsh_nor){ .id = id, .shape = *shape, .mirrored = mirrored };
	is_made = true;
	if (length > 0) {
		for (uint32_t at = 0; at < shape->size; at += shape->sector_bytes) xsh_nor_erase(&nor, at);
		xsh_nor_program(&nor, 0, content, length);
	}
	return NULL;
}

void xsh_nor_drop(xsh_nor* it)
{
	(void)it;
	is_made = false;
}

void xsh_nor_read(const xsh_nor* it, uint32_t address, uint8_t* into, size_t length)
{
	(void)it;
	memcpy(into, bytes_at(address), length);
}

bool xsh_nor_program(xsh_nor* it, uint32_t address, const uint8_t* data, size_t length)
{
	(void)it;
	uint8_t* into = bytes_at(address);
	for (size_t i = 0; i < length; i++) into[i] &= data[i];
	return true;
}

void xsh_nor_erase(xsh_nor* it, uint32_t address)
{
	memset(bytes_at(address), ERASED, it->shape.sector_bytes);
}
