/* The memory of the one board's machine: parts of the heap, in the sizes that its limits say. */
#include "board.h"

volatile sig_atomic_t xsh_in_libc;
const bool xsh_memory_is_shared = false;

txSize xsh_memory_chunks(const xsh_limits* limits)
{
	return (txSize)limits->chunk_bytes;
}

bool xsh_memory_reserve(xsh_board* board, const txCreation* creation)
{
	(void)board, (void)creation;
	return true;
}

void xsh_memory_release(xsh_board* board)
{
	(void)board;
	rv_heap_reset();
}

void xsh_memory_use(xsh_board* board)
{
	(void)board;
}

size_t xsh_memory_bytes(const xsh_board* board)
{
	(void)board;
	return rv_heap_count().used;
}

void* xsh_malloc_table(size_t size)
{
	return xsh_malloc(size);
}

void* fxAllocateChunks(txMachine* the, txSize size)
{
	(void)the;
	return xsh_malloc((size_t)size);
}

void fxFreeChunks(txMachine* the, void* chunks)
{
	(void)the;
	xsh_free(chunks);
}

txSlot* fxAllocateSlots(txMachine* the, txSize count)
{
	(void)the;
	return xsh_malloc((size_t)count * sizeof(txSlot));
}

void fxFreeSlots(txMachine* the, void* slots)
{
	(void)the;
	xsh_free(slots);
}

/* The machine's stack is its own, and its chunks are what they are. */
void xsh_stack_keep(xsh_board* board)
{
	(void)board;
}

void xsh_stack_bring(const xsh_board* board)
{
	(void)board;
}

uint32_t xsh_chunks32(txMachine* the)
{
	return (uint32_t)the->currentChunksSize;
}

void xsh_chunks_check(xsh_board* board)
{
	(void)board;
}

void xsh_chunks_trim(const txMachine* the)
{
	(void)the;
}

/* Room for what calls no script; where that wants more, as the signer may, the locked flash below ends the board as well. */
enum { LEAF = 512 };

char* fxCStackLimit(void)
{
	return (char*)rv_stack + LEAF;
}

bool xsh_run_is_deep(void)
{
	return (char*)__builtin_frame_address(0) <= (char*)rv_stack + LEAF + 256;
}
