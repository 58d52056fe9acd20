/*
 * One stack for all boards of the process. Between turns a machine's stack holds only what every machine keeps at its top
 * (the global object, the queues of jobs, …), so a board has a copy of that part alone. The area ends at the same address
 * for every board, whatever its limit, so that what points into the stack stays right.
 */
#include "host.h"

#include <sys/mman.h>

static txSlot* area;
static txSlot* top;

void xsh_stack_open(void)
{
	area = mmap(NULL, XSH_STACK_SLOTS_MOST * sizeof(txSlot), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (area == MAP_FAILED) {
		fprintf(stderr, "xs-host: no memory for the stack\n");
		exit(1);
	}
	top = area + XSH_STACK_SLOTS_MOST;
}

/* The engine asks for a machine's stack before it asks for its heap. */
txSlot* fxAllocateSlots(txMachine* the, txSize count)
{
	if (the->sharedMachine != NULL && the->stackBottom == NULL) return top - count;
	return xsh_malloc((size_t)count * sizeof(txSlot));
}

void fxFreeSlots(txMachine* the, void* slots)
{
	(void)the;
	if (slots < (void*)area || (void*)top <= slots) xsh_free(slots);
}

void xsh_stack_keep(xsh_board* board)
{
	const txMachine* the = board->the;
	if (the->stackTop - the->stack != sizeof board->stack / sizeof board->stack[0])
		xsh_run_end(XSH_FATAL, "the stack after a turn is not as it was before");
	memcpy(board->stack, the->stack, sizeof board->stack);
}

void xsh_stack_bring(const xsh_board* board)
{
	memcpy(board->the->stack, board->stack, sizeof board->stack);
}
