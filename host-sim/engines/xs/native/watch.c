/* Linux: signals that end a board, the watchdog among them, and how deep the native stack may be. */
#include "host.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>

enum { NATIVE_STACK = 512 * 1024, SIGNAL_STACK = 64 * 1024 };

static char* stack_limit;
static uint8_t* stack_guard;
/* The watchdog ticks all the time: arming it for each turn would cost more than the turn. */
static uint32_t steps_seen;

void xsh_fatal(const char* why)
{
	fprintf(stderr, "xs-host: %s\n", why);
	abort();
}

char* fxCStackLimit(void)
{
	return stack_limit;
}

bool xsh_run_is_deep(void)
{
	return (char*)__builtin_frame_address(0) <= stack_limit + 4096;
}

static void forbid_write(int signal_number, siginfo_t* info, void* context)
{
	(void)context;
	char detail[64];
	if (xsh_run_board() != NULL && xsh_alloc_is_root(info->si_addr)) {
		snprintf(detail, sizeof detail, "wrote to flash at %zu", xsh_alloc_root_offset(info->si_addr));
		xsh_run_end(XSH_FLASH_WRITE, detail);
	}
	uint8_t* address = info->si_addr;
	if (xsh_run_board() != NULL && stack_guard - 65536 <= address && address < (uint8_t*)stack_limit)
		xsh_run_end(XSH_NATIVE_STACK, "the engine called itself too deep");
	signal(signal_number, SIG_DFL);
	raise(signal_number);
}

static void stuck(int signal_number)
{
	enum { ROOT_TICKS = 8 };
	static int root_ticks;
	(void)signal_number;
	if (xsh_run_is_active() && xsh_run_board() == NULL && !xsh_in_libc && ++root_ticks >= ROOT_TICKS) xsh_run_end(XSH_TIME, "the script's top level does not end");
	bool same = xsh_run_board() != NULL && xsh_run_steps == steps_seen;
	steps_seen = xsh_run_steps;
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
