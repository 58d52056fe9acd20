/*
 * A board's chunks hold less than this machine's do: headers of 8 bytes for 16, slots of 16 for 32, pointers of 4 for 8.
 * So that a board fails here where it would fail there, the heap is made twice the size, which any content fits, and what
 * the linker puts before the engine's allocators (--wrap) counts in a board's bytes: it collects where a board would, and
 * ends the board where that is not enough.
 */
#include "host.h"

static uint32_t payload_of(const void* data)
{
	return (uint32_t)((const txChunk*)data - 1)->size - (uint32_t)sizeof(txChunk);
}

static uint32_t half_of(const void* data)
{
	return data == NULL || xsh_alloc_is_root(data) ? 0 : payload_of(data) / 2;
}

uint32_t xsh_chunks32(txMachine* the)
{
	uint32_t total = 0;
	for (txBlock* block = the->firstBlock; block != NULL; block = block->nextBlock) {
		txByte* at = (txByte*)(block + 1);
		while (at < block->current) {
			txChunk* chunk = (txChunk*)(void*)at;
			total += 8 + payload_of(chunk + 1);
			at = chunk->temporary;
		}
	}
	for (txSlot* heap = the->firstHeap; heap != NULL; heap = heap->next) {
		for (txSlot* slot = heap + 1; slot < heap->value.reference; slot++) {
			switch (slot->kind) {
			case XS_ARRAY_KIND:
			case XS_ARGUMENTS_SLOPPY_KIND:
			case XS_ARGUMENTS_STRICT_KIND:
			case XS_STACK_KIND:
				total -= half_of(slot->value.array.address);
				break;
			case XS_MAP_KIND:
			case XS_SET_KIND:
				total -= half_of(slot->value.table.address);
				break;
			default:
				break;
			}
		}
	}
	return total;
}

void xsh_chunks_trim(const txMachine* the)
{
	for (txBlock* block = the->firstBlock; block != NULL; block = block->nextBlock) xsh_alloc_forget(block->current, block->limit);
}

/* Never less than what is used: a chunk is no longer there than here. */
static uint32_t at_most_used(const xsh_board* board)
{
	uint32_t chunks = (uint32_t)board->the->currentChunksSize;
	if (chunks < board->measured) return chunks;
	uint32_t bound = board->measured32 + (chunks - board->measured);
	return bound < chunks ? bound : chunks;
}

static bool fits(xsh_board* board, uint64_t request)
{
	if (at_most_used(board) + request <= board->limits.chunk_bytes) return true;
	board->measured = (uint32_t)board->the->currentChunksSize;
	board->measured32 = xsh_chunks32(board->the);
	return board->measured32 + request <= board->limits.chunk_bytes;
}

static xsh_board* board_of(const txMachine* the)
{
	xsh_board* board = xsh_run_board();
	return board != NULL && board->the == the ? board : NULL;
}

/* What is a whole number of slots long is taken for slots, until it is there and can be counted (xsh_chunks_check). */
static uint64_t request_of(txSize size)
{
	if (size < 0) return UINT32_MAX;
	uint64_t bytes = (uint64_t)size;
	return 8 + (bytes % sizeof(txSlot) == 0 ? bytes / 2 : (bytes + 3) & ~(uint64_t)3);
}

static void admit(txMachine* the, txSize size)
{
	xsh_board* board = board_of(the);
	uint64_t request = request_of(size);
	if (board == NULL || fits(board, request)) return;
	board->compacting = true;
	fxCollect(the, XS_COMPACT_FLAG | XS_ORGANIC_FLAG);
	board->compacting = false;
	if (fits(board, request)) return;
	char detail[100];
	snprintf(detail, sizeof detail, "asked for a chunk of %d bytes, has %u of its %u in use", size, board->measured32,
		board->limits.chunk_bytes);
	xsh_run_end(XSH_CHUNKS, detail);
}

/* What was taken for slots and was none is found here, at the latest. */
void xsh_chunks_check(xsh_board* board)
{
	if (fits(board, 0)) return;
	board->compacting = true;
	fxCollect(board->the, XS_COMPACT_FLAG | XS_ORGANIC_FLAG);
	board->compacting = false;
	if (fits(board, 0)) return;
	char detail[100];
	snprintf(detail, sizeof detail, "has %u bytes of chunks in use, more than the %u of its memory", board->measured32, board->limits.chunk_bytes);
	xsh_run_end(XSH_CHUNKS, detail);
}

void* __real_fxNewChunk(txMachine* the, txSize size);
void* __wrap_fxNewChunk(txMachine* the, txSize size);
void* __wrap_fxNewChunk(txMachine* the, txSize size)
{
	admit(the, size);
	return __real_fxNewChunk(the, size);
}

void* __real_fxNewGrowableChunk(txMachine* the, txSize size, txSize capacity);
void* __wrap_fxNewGrowableChunk(txMachine* the, txSize size, txSize capacity);
void* __wrap_fxNewGrowableChunk(txMachine* the, txSize size, txSize capacity)
{
	xsh_board* board = board_of(the);
	admit(the, size);
	return __real_fxNewGrowableChunk(the, size, board == NULL || fits(board, request_of(capacity)) ? capacity : size);
}

void* __real_fxRenewChunk(txMachine* the, void* data, txSize size);
void* __wrap_fxRenewChunk(txMachine* the, void* data, txSize size);
void* __wrap_fxRenewChunk(txMachine* the, void* data, txSize size)
{
	xsh_board* board = board_of(the);
	txSize old = (txSize)payload_of(data);
	/* NULL: no room behind it; the engine then asks for another chunk. */
	if (board != NULL && size > old && !fits(board, request_of(size - old))) return NULL;
	return __real_fxRenewChunk(the, data, size);
}
