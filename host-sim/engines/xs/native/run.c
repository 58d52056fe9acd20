#include "host.h"

/*
 * A body runs on this process's one stack; whatever ends it, fxAbort or a signal or trap, jumps back to xsh_run. The engine keeps
 * nothing outside the machine, and what it allocated hangs on the board, so a machine can be left at any point.
 */
static struct {
	bool active;
	bool describing;
	xsh_board* board;
	sigjmp_buf exit;
	xsh_reason reason;
	char detail[XSH_DETAIL_BYTES];
} run;
static sigjmp_buf describe_exit;
volatile uint32_t xsh_run_steps;

xsh_board* xsh_run_board(void)
{
	return run.active ? run.board : NULL;
}

bool xsh_run_is_active(void)
{
	return run.active;
}

void xsh_run_end(xsh_reason reason, const char* detail)
{
	if (run.describing) siglongjmp(describe_exit, 1);
	if (!run.active) xsh_fatal(detail);
	run.reason = reason;
	snprintf(run.detail, sizeof run.detail, "%s", detail);
	siglongjmp(run.exit, 1);
}

void xsh_run(xsh_board* board, xsh_body body, void* data, xsh_outcome* outcome)
{
	run.active = true;
	run.board = board;
	outcome->ok = true;
	xsh_report_clear();
	xsh_memory_use(board);
	xsh_run_steps++;
	if (sigsetjmp(run.exit, 0) == 0) {
		if (board == NULL) body(NULL, data);
		else {
			if (board->the != NULL) xsh_stack_bring(board);
			body(board->the, data);
			xsh_stack_keep(board);
		}
	} else {
		outcome->ok = false;
		outcome->reason = run.reason;
		memcpy(outcome->detail, run.detail, sizeof outcome->detail);
	}
	run.active = false;
	run.board = NULL;
	xsh_in_libc = 0;
	xsh_memory_use(NULL);
}

static void describe(txMachine* the, txSlot* exception, char* into, size_t size)
{
	mxTry(the) {
		mxPushSlot(exception);
		snprintf(into, size, "%s", fxToString(the, the->stack));
		mxPop();
	}
	mxCatch(the) {
		snprintf(into, size, "an exception that has no text");
	}
}

void xsh_describe(txMachine* the, txSlot* exception, char* into, size_t size)
{
	snprintf(into, size, "an exception that cannot be told");
	if (run.describing) return;
	run.describing = true;
	if (sigsetjmp(describe_exit, 0) == 0) describe(the, exception, into, size);
	run.describing = false;
}

void xsh_run_jobs(txMachine* the)
{
	while (the->promiseJobs) {
		the->promiseJobs = 0;
		fxRunPromiseJobs(the);
	}
	fxCheckUnhandledRejections(the, 1);
}
