/* What the engine asks of its platform. */
#include "host.h"

void fxCreateMachinePlatform(txMachine* the)
{
	xsh_board* board = the->context;
	the->promiseJobs = 0;
	if (board != NULL) board->the = the;
}

void fxDeleteMachinePlatform(txMachine* the)
{
	(void)the;
}

void fxQueuePromiseJobs(txMachine* the)
{
	the->promiseJobs = 1;
}

txID fxFindModule(txMachine* the, txSlot* realm, txID moduleID, txSlot* slot)
{
	(void)the, (void)realm, (void)moduleID, (void)slot;
	return XS_NO_ID;
}

void fxLoadModule(txMachine* the, txSlot* module, txID moduleID)
{
	(void)the, (void)module, (void)moduleID;
}

static char report[200];

int xsh_vreport(const char* format, va_list arguments)
{
	return vsnprintf(report, sizeof report, format, arguments);
}

int xsh_report(const char* format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	int length = xsh_vreport(format, arguments);
	va_end(arguments);
	return length;
}

/* The first whole number in what the engine reported last, or -1. */
static long reported_number(void)
{
	for (const char* at = report; *at != 0; at++)
		if (*at >= '0' && *at <= '9') return strtol(at, NULL, 10);
	return -1;
}

static void end_for_memory(const xsh_board* board)
{
	char detail[160];
	long number = reported_number();
	if (strncmp(report, "# Slot", 6) == 0) {
		snprintf(detail, sizeof detail, "asked for 1 slot more than its %u", (unsigned)board->limits.slots);
		xsh_run_end(XSH_SLOTS, detail);
	}
	if (strncmp(report, "# Chunk", 7) == 0) {
		snprintf(detail, sizeof detail, "asked for a chunk of %ld bytes, has %u", number, (unsigned)board->limits.chunk_bytes);
		xsh_run_end(XSH_CHUNKS, detail);
	}
	if (report[0] == 0) xsh_run_end(XSH_CHUNKS, "asked for more bytes than a machine can count, or for native memory");
	xsh_run_end(XSH_HOST_MEMORY, report);
}

void fxAbort(txMachine* the, int status)
{
	char detail[256];
	const xsh_board* board = xsh_run_board();
	if (board == NULL) {
		/* The root: its exceptions are caught in root.c, so this is its memory. */
		snprintf(detail, sizeof detail, "the root machine ended with status %d: %s", status, report);
		xsh_run_end(XSH_FATAL, detail);
	}
	switch (status) {
	case XS_NOT_ENOUGH_MEMORY_EXIT:
		end_for_memory(board);
		break;
	case XS_STACK_OVERFLOW_EXIT:
		if (xsh_run_is_deep()) xsh_run_end(XSH_NATIVE_STACK, "the engine called itself too deep");
		snprintf(detail, sizeof detail, "asked for more than its %u stack slots", (unsigned)board->limits.stack_slots);
		xsh_run_end(XSH_STACK, detail);
	case XS_NO_MORE_KEYS_EXIT:
		snprintf(detail, sizeof detail, "asked for 1 key more than its %u", (unsigned)board->limits.keys);
		xsh_run_end(XSH_KEYS, detail);
	case XS_TOO_MUCH_COMPUTATION_EXIT:
		snprintf(detail, sizeof detail, "asked for more than its %u computrons in a turn", (unsigned)board->limits.computrons);
		xsh_run_end(XSH_COMPUTATION, detail);
	case XS_DEAD_STRIP_EXIT:
		xsh_run_end(XSH_NO_PARSER, "asked for the parser");
	case XS_UNHANDLED_EXCEPTION_EXIT:
		xsh_describe(the, &mxException, detail, sizeof detail);
		xsh_run_end(XSH_EXCEPTION, detail);
	case XS_UNHANDLED_REJECTION_EXIT:
		xsh_describe(the, &mxException, detail, sizeof detail);
		xsh_run_end(XSH_REJECTION, detail);
	default:
		snprintf(detail, sizeof detail, "status %d: %s", status, report);
		xsh_run_end(XSH_FATAL, detail);
	}
}

void xsh_report_clear(void)
{
	report[0] = 0;
}

int xsh_rand(void)
{
	uint8_t bytes[4] = { 0 };
	xsh_board* board = xsh_run_board();
	if (board != NULL) xsh_random_fill(&board->random, bytes, sizeof bytes);
	return (int)((uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)(bytes[3] & 0x7f) << 24);
}

/* A board has no time of day but what it is told: Date counts from its boot. */
int xsh_gettimeofday(struct timeval* tv, void* zone)
{
	(void)zone;
	const xsh_board* board = xsh_run_board();
	double uptime = board == NULL ? 0 : board->uptime;
	tv->tv_sec = (time_t)(uptime / 1000);
	tv->tv_usec = (suseconds_t)((uptime - (double)tv->tv_sec * 1000) * 1000);
	return 0;
}

/*
 * The linker puts this in place of the engine's fxCheckProfiler (--wrap), which the engine calls after each collection
 * among others: the only place where what lives is known.
 */
void __wrap_fxCheckProfiler(txMachine* the, txSlot* frame);
void __wrap_fxCheckProfiler(txMachine* the, txSlot* frame)
{
	(void)frame;
	xsh_board* board = xsh_run_board();
	if (board == NULL || board->the != the) return;
	if (the->garbageCollectionCount == board->engine_collections) return;
	board->engine_collections = the->garbageCollectionCount;
	board->collections++;
	uint32_t slots = (uint32_t)the->currentHeapCount;
	if (board->live_slots_peak < slots) board->live_slots_peak = slots;
	/* Any other collection leaves the dead chunks among the living. */
	if (!board->compacting) return;
	board->measured = (uint32_t)the->currentChunksSize;
	board->measured32 = xsh_chunks32(the);
	if (board->live_chunks_peak < board->measured32) board->live_chunks_peak = board->measured32;
	xsh_chunks_trim(the);
}
