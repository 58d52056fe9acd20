/* Synchronous calls are a matter of virtual time on xs-host. */
#include "board.h"

xsh_reply xsh_call(uint32_t board)
{
	(void)board;
	xsh_fatal("a board on an emulated chip makes no calls");
}
