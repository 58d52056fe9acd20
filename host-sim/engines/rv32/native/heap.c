/*
 * First fit, in blocks that lie one after another; each says how long it is, and whether it is used. The engine asks for its machine's
 * parts once, and for little after that: what a `try` jumps back to, and texts of JSON.
 */
#include "board.h"

typedef struct {
	uint32_t size; /* with the head; the lowest bit: used */
	uint32_t unused;
} head;

enum { ALIGN = 8, USED = 1 };

static uint8_t* first;
static uint8_t* end;
static uint8_t* kept;
static uint32_t used;
static uint32_t peak;

static head* at(uint8_t* address)
{
	return (head*)(void*)address;
}

static void clear(uint8_t* from)
{
	at(from)->size = (uint32_t)(end - from);
}

void rv_heap_open(void)
{
	first = kept = (uint8_t*)(((uintptr_t)rv_heap + ALIGN - 1) & ~(uintptr_t)(ALIGN - 1));
	end = (uint8_t*)((uintptr_t)rv_ram_limit & ~(uintptr_t)(ALIGN - 1));
	clear(first);
}

void rv_heap_keep(void)
{
	/* What is free between blocks that stay stays free. */
	kept = first;
	for (uint8_t* block = first; block < end; block += at(block)->size & ~USED)
		if (at(block)->size & USED) kept = block + (at(block)->size & ~USED);
}

void rv_heap_reset(void)
{
	if (kept < end) clear(kept);
	used = (uint32_t)(kept - first);
}

rv_heap_counts rv_heap_count(void)
{
	return (rv_heap_counts){ .size = (uint32_t)(end - first), .used = used, .peak = peak };
}

/* Joins what is free from here on. */
static uint32_t free_from(uint8_t* block)
{
	uint32_t size = at(block)->size;
	while (block + size < end && !(at(block + size)->size & USED)) size += at(block + size)->size;
	at(block)->size = size;
	return size;
}

void* xsh_malloc(size_t length)
{
	if (length > (size_t)(end - first)) length = (size_t)(end - first);
	uint32_t needed = (uint32_t)((length + sizeof(head) + ALIGN - 1) & ~(size_t)(ALIGN - 1));
	for (uint8_t* block = first; block < end; block += at(block)->size & ~USED) {
		if (at(block)->size & USED) continue;
		uint32_t there = free_from(block);
		if (there < needed) continue;
		if (there > needed) at(block + needed)->size = there - needed;
		at(block)->size = needed | USED;
		used += needed;
		if (peak < (uint32_t)(block - first) + needed) peak = (uint32_t)(block - first) + needed;
		return block + sizeof(head);
	}
	if (!xsh_run_is_active()) return NULL;
	/* Nothing that asks can go on without. */
	char detail[80];
	snprintf(detail, sizeof detail, "asked for %u bytes more than this board's RAM has", (unsigned)length);
	xsh_run_end(XSH_HOST_MEMORY, detail);
}

void xsh_free(void* data)
{
	if (data == NULL) return;
	uint8_t* block = (uint8_t*)data - sizeof(head);
	at(block)->size &= ~(uint32_t)USED;
	used -= at(block)->size;
}

void* xsh_calloc(size_t count, size_t size)
{
	if (size != 0 && count > SIZE_MAX / size) return NULL;
	void* data = xsh_malloc(count * size);
	if (data != NULL) memset(data, 0, count * size);
	return data;
}

void* xsh_realloc(void* data, size_t length)
{
	if (data == NULL) return xsh_malloc(length);
	size_t old = (at((uint8_t*)data - sizeof(head))->size & ~USED) - sizeof(head);
	if (length <= old) return data;
	void* copy = xsh_malloc(length);
	if (copy == NULL) return NULL;
	memcpy(copy, data, old);
	xsh_free(data);
	return copy;
}
