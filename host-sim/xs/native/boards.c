/* The boards by number: a dense array, and an open table of indices into it. */
#include "host.h"

static xsh_board** boards;
static uint32_t count;
static uint32_t* table; /* index + 1; 0: free */
static uint32_t capacity; /* of the table, a power of two; the array has half of it */

static uint32_t place_of(uint32_t id)
{
	uint32_t place = id * 2654435761u & (capacity - 1);
	while (table[place] != 0 && boards[table[place] - 1]->id != id) place = (place + 1) & (capacity - 1);
	return place;
}

static void rebuild(uint32_t size)
{
	free(table);
	table = calloc(size, sizeof *table);
	boards = realloc(boards, size / 2 * sizeof *boards);
	if (table == NULL || boards == NULL) {
		fprintf(stderr, "xs-host: no memory for more boards\n");
		exit(1);
	}
	capacity = size;
	for (uint32_t i = 0; i < count; i++) table[place_of(boards[i]->id)] = i + 1;
}

xsh_board* xsh_boards_find(uint32_t id)
{
	if (capacity == 0) return NULL;
	uint32_t entry = table[place_of(id)];
	return entry == 0 ? NULL : boards[entry - 1];
}

xsh_board* xsh_boards_add(uint32_t id)
{
	if (count >= capacity / 2) rebuild(capacity == 0 ? 64 : capacity * 2);
	xsh_board* board = calloc(1, sizeof *board);
	if (board == NULL) return NULL;
	board->id = id;
	boards[count] = board;
	uint32_t place = place_of(id);
	table[place] = ++count;
	return board;
}

void xsh_boards_remove(xsh_board* board)
{
	uint32_t place = place_of(board->id);
	uint32_t index = table[place] - 1;
	/* The last board takes the index; what follows in the table moves up, so that no search ends too early. */
	table[place_of(boards[count - 1]->id)] = index + 1;
	boards[index] = boards[count - 1];
	table[place] = 0;
	count--;
	for (uint32_t next = (place + 1) & (capacity - 1); table[next] != 0; next = (next + 1) & (capacity - 1)) {
		uint32_t entry = table[next];
		table[next] = 0;
		table[place_of(boards[entry - 1]->id)] = entry;
	}
	xsh_board_release(board);
	free(board);
}

uint32_t xsh_boards_count(void)
{
	return count;
}

xsh_board* xsh_boards_at(uint32_t index)
{
	return boards[index];
}
