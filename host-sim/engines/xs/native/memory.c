/* Linux: the memory of a board's machine, all of it asked for at once. */
#include "host.h"

/* What boot left behind would take memory of this machine until the next collection, which may be hours away. */
const bool xsh_memory_is_shared = true;

/* See chunks32.c. */
txSize xsh_memory_chunks(const xsh_limits* limits)
{
	return 2 * (txSize)limits->chunk_bytes;
}

bool xsh_memory_reserve(xsh_board* board, const txCreation* creation)
{
	/* In the order in which the engine asks for them. */
	const size_t parts[] = {
		sizeof(txMachine), board->limits.slots * sizeof(txSlot), board->limits.keys * sizeof(txSlot*),
		(size_t)creation->nameModulo * sizeof(txSlot*), (size_t)creation->symbolModulo * sizeof(txSlot*), (size_t)xsh_root->aliasCount * sizeof(txSlot*),
	};
	size_t fixed = 0;
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) fixed += xsh_alloc_room(parts[i]);
	return xsh_alloc_reserve(&board->heap, fixed, (size_t)creation->initialChunkSize + sizeof(txBlock));
}

void xsh_memory_release(xsh_board* board)
{
	xsh_alloc_release(&board->heap);
}

size_t xsh_memory_bytes(const xsh_board* board)
{
	return board->heap.bytes;
}

void xsh_memory_use(xsh_board* board)
{
	xsh_alloc_use(board == NULL ? NULL : &board->heap);
}
