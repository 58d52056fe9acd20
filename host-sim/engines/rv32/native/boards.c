/* There is one. */
#include "board.h"

static xsh_board board;
static bool is_there;

xsh_board* xsh_boards_find(uint32_t id)
{
	return is_there && board.id == id ? &board : NULL;
}

xsh_board* xsh_boards_add(uint32_t id)
{
	if (is_there) return NULL;
	is_there = true;
	board = (xsh_board){ .id = id };
	return &board;
}

void xsh_boards_remove(xsh_board* it)
{
	xsh_board_release(it);
	is_there = false;
}

uint32_t xsh_boards_count(void)
{
	return is_there ? 1 : 0;
}

xsh_board* xsh_boards_at(uint32_t index)
{
	(void)index;
	return &board;
}
