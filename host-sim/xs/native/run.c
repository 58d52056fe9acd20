#include "host.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>

/*
 * A body runs on this process's one stack; whatever ends it, fxAbort or a signal, jumps back to xsh_run. The engine keeps
 * nothing outside the machine, and what it allocated hangs on the board, so a machine can be left at any point.
 */
enum { NATIVE_STACK = 512 * 1024, SIGNAL_STACK = 64 * 1024 };

static struct {
	bool active;
	bool describing;
	xsh_board* board;
	sigjmp_buf exit;
	xsh_reason reason;
	char detail[256];
} run;
static char* stack_limit;
static uint8_t* stack_guard;
static sigjmp_buf describe_exit;
/* The watchdog ticks all the time: arming it for each turn would cost more than the turn. */
static volatile uint64_t steps;
static uint64_t steps_seen;

void xsh_run_alive(void)
{
	steps++;
}

char* fxCStackLimit(void)
{
	return stack_limit;
}

bool xsh_run_is_deep(void)
{
	return (char*)__builtin_frame_address(0) <= stack_limit + 4096;
}

xsh_board* xsh_run_board(void)
{
	return run.active ? run.board : NULL;
}

void xsh_run_end(xsh_reason reason, const char* detail)
{
	if (run.describing) siglongjmp(describe_exit, 1);
	if (!run.active) {
		fprintf(stderr, "xs-host: %s\n", detail);
		abort();
	}
	run.reason = reason;
	snprintf(run.detail, sizeof run.detail, "%s", detail);
	siglongjmp(run.exit, 1);
}

static void forbid_write(int signal_number, siginfo_t* info, void* context)
{
	(void)context;
	char detail[64];
	if (run.active && run.board != NULL && xsh_alloc_is_root(info->si_addr)) {
		snprintf(detail, sizeof detail, "wrote to flash at %zu", xsh_alloc_root_offset(info->si_addr));
		xsh_run_end(XSH_FLASH_WRITE, detail);
	}
	uint8_t* address = info->si_addr;
	if (run.active && run.board != NULL && stack_guard - 65536 <= address && address < (uint8_t*)stack_limit)
		xsh_run_end(XSH_NATIVE_STACK, "the engine called itself too deep");
	signal(signal_number, SIG_DFL);
	raise(signal_number);
}

static void stuck(int signal_number)
{
	enum { ROOT_TICKS = 8 };
	static int root_ticks;
	(void)signal_number;
	if (run.active && run.board == NULL && !xsh_in_libc && ++root_ticks >= ROOT_TICKS) xsh_run_end(XSH_TIME, "the script's top level does not end");
	bool same = run.active && run.board != NULL && steps == steps_seen;
	steps_seen = steps;
	/* In libc the jump would leave its locks held: the timer comes again. */
	if (same && !xsh_in_libc) xsh_run_end(XSH_TIME, "stuck in native code");
}

void xsh_run_open(void)
{
	struct rlimit limit;
	char* here = __builtin_frame_address(0);
	size_t size = 8 << 20;
	if (getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur < size) size = limit.rlim_cur;
	stack_guard = (uint8_t*)here - size;
	stack_limit = here - (size > 2 * NATIVE_STACK ? NATIVE_STACK : size / 2);
	static uint8_t signal_stack[SIGNAL_STACK];
	stack_t alternate = { .ss_sp = signal_stack, .ss_size = sizeof signal_stack };
	sigaltstack(&alternate, NULL);
	/* SA_NODEFER: the handler is left by a jump that restores no mask. */
	struct sigaction action = { .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER };
	action.sa_sigaction = forbid_write;
	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
	struct sigaction timer = { .sa_flags = SA_ONSTACK | SA_NODEFER | SA_RESTART };
	timer.sa_handler = stuck;
	sigaction(SIGVTALRM, &timer, NULL);
	const struct itimerval tick = { .it_interval = { .tv_sec = 1 }, .it_value = { .tv_sec = 1 } };
	setitimer(ITIMER_VIRTUAL, &tick, NULL);
}

void xsh_run(xsh_board* board, xsh_body body, void* data, xsh_outcome* outcome)
{
	run.active = true;
	run.board = board;
	outcome->ok = true;
	xsh_report_clear();
	xsh_alloc_use(board == NULL ? NULL : &board->heap);
	steps++;
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
	xsh_alloc_use(NULL);
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
