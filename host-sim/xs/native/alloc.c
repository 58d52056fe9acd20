#include "host.h"

#include <sys/mman.h>

/*
 * The root's memory is one range that only grows, so that it can be locked. A board's allocations hang on a list, so
 * that they are given back whatever state the board's machine is in.
 */
struct xsh_allocation {
	xsh_allocation* previous;
	xsh_allocation* next;
	size_t size;
	xsh_heap* heap;
};

static uint8_t* root_base;
static uint8_t* root_next;
static uint8_t* root_end;
static bool root_locked;
static xsh_heap* heap;
volatile sig_atomic_t xsh_in_libc;

void xsh_alloc_root(size_t bytes)
{
	root_base = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (root_base == MAP_FAILED) {
		fprintf(stderr, "xs-host: no memory for the root machine\n");
		exit(1);
	}
	root_next = root_base;
	root_end = root_base + bytes;
}

bool xsh_alloc_is_root(const void* address)
{
	return root_base <= (const uint8_t*)address && (const uint8_t*)address < root_end;
}

size_t xsh_alloc_root_offset(const void* address)
{
	return (size_t)((const uint8_t*)address - root_base);
}

size_t xsh_alloc_root_used(void)
{
	return (size_t)(root_next - root_base);
}

void xsh_alloc_lock_root(void)
{
	root_locked = true;
	if (mprotect(root_base, (size_t)(root_end - root_base), PROT_READ) != 0) {
		perror("xs-host: mprotect");
		exit(1);
	}
}

void xsh_alloc_use(xsh_heap* owner)
{
	heap = owner;
}

static void* root_malloc(size_t size)
{
	if (root_locked || size > (size_t)(root_end - root_next) - 32) return NULL;
	/* The size stands before the data, for realloc. */
	*(size_t*)(void*)root_next = size;
	uint8_t* data = root_next + 16;
	root_next = data + ((size + 15) & ~(size_t)15);
	return data;
}

void* xsh_malloc(size_t size)
{
	if (heap == NULL) return root_malloc(size);
	xsh_in_libc = 1;
	xsh_allocation* block = size > SIZE_MAX - sizeof *block ? NULL : malloc(sizeof *block + size);
	if (block != NULL) {
		*block = (xsh_allocation){ .next = heap->first, .size = size, .heap = heap };
		if (heap->first != NULL) heap->first->previous = block;
		heap->first = block;
		heap->bytes += size;
	}
	xsh_in_libc = 0;
	return block == NULL ? NULL : block + 1;
}

void* xsh_calloc(size_t count, size_t size)
{
	if (size != 0 && count > SIZE_MAX / size) return NULL;
	void* data = xsh_malloc(count * size);
	if (data != NULL) memset(data, 0, count * size);
	return data;
}

void xsh_free(void* data)
{
	if (data == NULL || xsh_alloc_is_root(data)) return;
	xsh_in_libc = 1;
	xsh_allocation* block = (xsh_allocation*)data - 1;
	if (block->next != NULL) block->next->previous = block->previous;
	if (block->previous != NULL) block->previous->next = block->next;
	else block->heap->first = block->next;
	block->heap->bytes -= block->size;
	free(block);
	xsh_in_libc = 0;
}

void* xsh_realloc(void* data, size_t size)
{
	if (data == NULL) return xsh_malloc(size);
	size_t old = xsh_alloc_is_root(data) ? *(size_t*)(void*)((uint8_t*)data - 16) : ((xsh_allocation*)data - 1)->size;
	void* copy = xsh_malloc(size);
	if (copy == NULL) return NULL;
	memcpy(copy, data, old < size ? old : size);
	xsh_free(data);
	return copy;
}

void xsh_alloc_release(xsh_heap* owner)
{
	for (xsh_allocation* block = owner->first; block != NULL;) {
		xsh_allocation* next = block->next;
		free(block);
		block = next;
	}
	owner->first = NULL;
	owner->bytes = 0;
}
