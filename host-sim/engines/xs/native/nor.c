/*
 * The boards' flash that their script programs and erases, by board number: it outlives the board. A sector that is erased takes no
 * memory, another as much as up to its last byte that is not 0xff, in steps. (What the engine runs from is in flash.c.)
 */
#include "host.h"

enum { STEP = 512, ERASED = 0xff, MOST_BYTES = 1 << 24, MOST_SECTORS = 1 << 16, LARGEST_PIECE = 32 };

struct xsh_nor_sector {
	uint32_t room;
	uint8_t bytes[];
};

static xsh_table all;

xsh_nor* xsh_nor_find(uint32_t id)
{
	return xsh_table_find(&all, id);
}

static bool is_sane(const xsh_nor_shape* shape)
{
	return shape->program_bytes >= 1 && shape->program_bytes <= LARGEST_PIECE && shape->sector_bytes >= shape->program_bytes
		&& shape->sector_bytes % shape->program_bytes == 0 && shape->size >= shape->sector_bytes && shape->size <= MOST_BYTES
		&& shape->size % shape->sector_bytes == 0 && shape->size / shape->sector_bytes <= MOST_SECTORS;
}

static void release(xsh_nor* nor)
{
	if (nor->sectors != NULL)
		for (uint32_t i = 0; i < nor->shape.size / nor->shape.sector_bytes; i++) free(nor->sectors[i]);
	free(nor->sectors);
	free(nor);
}

void xsh_nor_drop(xsh_nor* nor)
{
	xsh_table_remove(&all, nor);
	release(nor);
}

const char* xsh_nor_make(uint32_t id, const xsh_nor_shape* shape, bool mirrored, const uint8_t* content, size_t length)
{
	if (!is_sane(shape)) return "no such geometry";
	if (length > shape->size) return "more content than it has room for";
	xsh_nor* nor = calloc(1, sizeof *nor);
	if (nor == NULL) return "no memory";
	*nor = (xsh_nor){ .id = id, .shape = *shape, .mirrored = mirrored };
	nor->sectors = calloc(shape->size / shape->sector_bytes, sizeof *nor->sectors);
	if (nor->sectors == NULL || !xsh_nor_program(nor, 0, content, length)) {
		release(nor);
		return "no memory";
	}
	xsh_nor* old = xsh_nor_find(id);
	if (old != NULL) xsh_nor_drop(old);
	xsh_table_add(&all, nor);
	return NULL;
}

/* NULL: no memory, and nothing changed. */
static xsh_nor_sector* with_room(xsh_nor* nor, uint32_t index, size_t needed)
{
	xsh_nor_sector* sector = nor->sectors[index];
	uint32_t old = sector == NULL ? 0 : sector->room;
	if (old >= needed) return sector;
	size_t room = (needed + STEP - 1) / STEP * STEP;
	if (room > nor->shape.sector_bytes) room = nor->shape.sector_bytes;
	xsh_nor_sector* grown = realloc(sector, sizeof *grown + room);
	if (grown == NULL) return NULL;
	grown->room = (uint32_t)room;
	memset(grown->bytes + old, ERASED, room - old);
	nor->bytes += room - old;
	return nor->sectors[index] = grown;
}

/* How many of `length` bytes from `address` on lie in its sector. */
static size_t part_of(const xsh_nor* nor, uint32_t address, size_t length)
{
	size_t left = nor->shape.sector_bytes - address % nor->shape.sector_bytes;
	return length < left ? length : left;
}

void xsh_nor_read(const xsh_nor* nor, uint32_t address, uint8_t* into, size_t length)
{
	while (length > 0) {
		size_t part = part_of(nor, address, length);
		const xsh_nor_sector* sector = nor->sectors[address / nor->shape.sector_bytes];
		uint32_t from = address % nor->shape.sector_bytes;
		size_t there = sector == NULL || sector->room <= from ? 0 : sector->room - from;
		if (there > part) there = part;
		if (there > 0) memcpy(into, sector->bytes + from, there);
		memset(into + there, ERASED, part - there);
		address += (uint32_t)part;
		into += part;
		length -= part;
	}
}

bool xsh_nor_program(xsh_nor* nor, uint32_t address, const uint8_t* data, size_t length)
{
	while (length > 0) {
		size_t part = part_of(nor, address, length);
		size_t used = part;
		while (used > 0 && data[used - 1] == ERASED) used--;
		if (used > 0) {
			uint32_t from = address % nor->shape.sector_bytes;
			xsh_nor_sector* sector = with_room(nor, address / nor->shape.sector_bytes, from + used);
			if (sector == NULL) return false;
			for (size_t i = 0; i < used; i++) sector->bytes[from + i] &= data[i];
		}
		address += (uint32_t)part;
		data += part;
		length -= part;
	}
	return true;
}

void xsh_nor_erase(xsh_nor* nor, uint32_t address)
{
	xsh_nor_sector** sector = &nor->sectors[address / nor->shape.sector_bytes];
	if (*sector == NULL) return;
	nor->bytes -= (*sector)->room;
	free(*sector);
	*sector = NULL;
}
