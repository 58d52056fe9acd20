/*
 * Instructions, as the core counts them (minstret), by what they were for. Waiting for a device is counted as idle or serial, never as
 * a board's own work, so that counts are the same each time.
 */
#include "board.h"

static struct {
	uint64_t spent[XSH_WORKS];
	uint32_t since;
	xsh_work work;
	uint32_t turns;
} counters;

static uint32_t now(void)
{
	uint32_t value;
	__asm__ volatile("csrr %0, minstret" : "=r"(value));
	return value;
}

void rv_counters_open(void)
{
	counters.since = now();
	counters.work = XSH_SCRIPT;
}

xsh_work xsh_work_on(xsh_work work)
{
	xsh_work was = counters.work;
	uint32_t here = now();
	counters.spent[was] += here - counters.since;
	counters.work = work;
	counters.since = now();
	return was;
}

static uint32_t stack_depth(void)
{
	const uint8_t* at = rv_stack;
	while (at < rv_stack_top && *at == RV_UNUSED) at++;
	return (uint32_t)(rv_stack_top - at);
}

void rv_counters_send(uint32_t board)
{
	enum { SENT = 2 };
	xsh_work was = xsh_work_on(XSH_SERIAL);
	rv_heap_counts heap = rv_heap_count();
	const double memory[] = {
		(double)(rv_ram_limit - rv_ram), (double)(rv_stack_top - rv_stack), stack_depth(), heap.size, heap.used, heap.peak, sizeof(txMachine),
	};
	xsh_output_begin(board, SENT, 1 + 8 + 8 * XSH_WORKS + sizeof memory);
	xsh_output_u8(RV_COUNTERS);
	xsh_output_f64(0);
	for (int i = 0; i < XSH_WORKS; i++) xsh_output_f64((double)counters.spent[i]);
	for (size_t i = 0; i < sizeof memory / sizeof memory[0]; i++) xsh_output_f64(memory[i]);
	memset(counters.spent, 0, sizeof counters.spent);
	xsh_work_on(was);
	memset(counters.spent, 0, sizeof counters.spent);
}
