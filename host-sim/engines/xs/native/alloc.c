#include "host.h"

#include <sys/mman.h>

/*
 * The root's memory is one range that only grows, so that it can be locked. So is a board's, as far as its parts have sizes
 * that are known before: the chunks at its end, so that what of them is not used is whole pages, which this machine never
 * gives. What else a board allocates hangs on a list, so that it is given back whatever state the board's machine is in.
 */
struct xsh_allocation {
	xsh_allocation* previous;
	xsh_allocation* next;
	size_t size;
	xsh_heap* heap;
};

/* AddressSanitizer sees what leaves one allocation for the next only where each is its own. */
#ifdef __SANITIZE_ADDRESS__
enum { HAS_RANGES = 0 };
#else
enum { HAS_RANGES = 1 };
#endif

static xsh_range root;
static bool root_locked;
static xsh_heap* heap;
volatile sig_atomic_t xsh_in_libc;

static bool open_range(xsh_range* range, size_t bytes)
{
	void* base = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (base == MAP_FAILED) return false;
	*range = (xsh_range){ .base = base, .next = base, .end = (uint8_t*)base + bytes };
	return true;
}

static bool is_in(const xsh_range* range, const void* address)
{
	return range->base <= (const uint8_t*)address && (const uint8_t*)address < range->end;
}

void xsh_alloc_root(size_t bytes)
{
	if (open_range(&root, bytes)) return;
	fprintf(stderr, "xs-host: no memory for the root machine\n");
	exit(1);
}

bool xsh_alloc_is_root(const void* address)
{
	return is_in(&root, address);
}

size_t xsh_alloc_root_offset(const void* address)
{
	return (size_t)((const uint8_t*)address - root.base);
}

size_t xsh_root_bytes(void)
{
	return (size_t)(root.next - root.base);
}

void xsh_alloc_lock_root(void)
{
	root_locked = true;
	if (mprotect(root.base, (size_t)(root.end - root.base), PROT_READ) != 0) {
		perror("xs-host: mprotect");
		exit(1);
	}
}

void xsh_alloc_use(xsh_heap* owner)
{
	heap = owner;
}

/* What a block takes of a range: its size stands before it, for realloc. */
size_t xsh_alloc_room(size_t size)
{
	return 16 + ((size + 15) & ~(size_t)15);
}

/* NULL: no room. */
static void* take(xsh_range* range, const uint8_t* end, size_t size)
{
	if (size > (size_t)(end - range->next) || xsh_alloc_room(size) > (size_t)(end - range->next)) return NULL;
	uint8_t* data = range->next + 16;
	*(size_t*)(void*)range->next = size;
	range->next += xsh_alloc_room(size);
	return data;
}

bool xsh_alloc_reserve(xsh_heap* owner, size_t fixed, size_t chunks)
{
	if (!HAS_RANGES) return true;
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	if (!open_range(&owner->range, (fixed + chunks + page - 1) / page * page)) return false;
	owner->fixed_end = owner->range.base + fixed;
	return true;
}

static void* listed_malloc(size_t size)
{
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

void* xsh_malloc(size_t size)
{
	if (heap == NULL) return root_locked ? NULL : take(&root, root.end, size);
	void* data = take(&heap->range, heap->fixed_end, size);
	if (data == NULL) return listed_malloc(size);
	heap->bytes += size;
	return data;
}

void* xsh_calloc(size_t count, size_t size)
{
	if (size != 0 && count > SIZE_MAX / size) return NULL;
	void* data = xsh_malloc(count * size);
	if (data != NULL) memset(data, 0, count * size);
	return data;
}

static bool is_listed(const void* data)
{
	return !is_in(&root, data) && (heap == NULL || !is_in(&heap->range, data));
}

void xsh_free(void* data)
{
	if (data == NULL || !is_listed(data)) return;
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
	size_t old = is_listed(data) ? ((xsh_allocation*)data - 1)->size : *(size_t*)(void*)((uint8_t*)data - 16);
	void* copy = xsh_malloc(size);
	if (copy == NULL) return NULL;
	memcpy(copy, data, old < size ? old : size);
	xsh_free(data);
	return copy;
}

void* fxAllocateChunks(txMachine* the, txSize size)
{
	bool fits = heap != NULL && heap->fixed_end != NULL && size <= heap->range.end - heap->fixed_end;
	if (!fits || the->firstBlock != NULL) return xsh_malloc((size_t)size);
	heap->bytes += (size_t)size;
	return heap->fixed_end;
}

void fxFreeChunks(txMachine* the, void* chunks)
{
	(void)the;
	xsh_free(chunks);
}

void xsh_alloc_forget(void* from, void* to)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t start = ((uintptr_t)from + page - 1) / page * page;
	uintptr_t end = (uintptr_t)to / page * page;
	if (start < end) madvise((void*)start, end - start, MADV_DONTNEED);
}

void xsh_alloc_release(xsh_heap* owner)
{
	for (xsh_allocation* block = owner->first; block != NULL;) {
		xsh_allocation* next = block->next;
		free(block);
		block = next;
	}
	if (owner->range.base != NULL) munmap(owner->range.base, (size_t)(owner->range.end - owner->range.base));
	*owner = (xsh_heap){ .first = NULL };
}
