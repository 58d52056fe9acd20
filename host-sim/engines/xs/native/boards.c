/* The boards by number. */
#include "host.h"

static xsh_table boards;

xsh_board* xsh_boards_find(uint32_t id)
{
	return xsh_table_find(&boards, id);
}

xsh_board* xsh_boards_add(uint32_t id)
{
	xsh_board* board = calloc(1, sizeof *board);
	if (board == NULL) return NULL;
	board->id = id;
	xsh_table_add(&boards, board);
	return board;
}

void xsh_boards_remove(xsh_board* board)
{
	xsh_table_remove(&boards, board);
	xsh_board_release(board);
	free(board);
}

uint32_t xsh_boards_count(void)
{
	return boards.count;
}

xsh_board* xsh_boards_at(uint32_t index)
{
	return boards.items[index];
}
