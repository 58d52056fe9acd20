/*
 * XS's platform header (XSPLATFORM) for xs-host and for boards on an emulated chip: the engine's memory, clock, dice and console are the host's, so that
 * a board's memory can be given back whole however the board ended, and so that nothing differs from run to run.
 */
#ifndef XSH_PLATFORM_H
#define XSH_PLATFORM_H

#include <ctype.h>
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
/* XSH_BARE: no operating system (host-sim/engines/rv32). */
#if !defined(XSH_BARE)
#include <arpa/inet.h>
#include <pthread.h>
#include <unistd.h>
#endif

/* The engine asks so whether a function that reads whole words, past a string's end, is to be left out. */
#if defined(__SANITIZE_ADDRESS__) && !defined(__has_feature)
#define __has_feature(name) 1
#endif

#if defined(XSH_BARE)
/* A jump is all that there is. */
#define sigjmp_buf jmp_buf
#define sigsetjmp(buffer, mask) setjmp(buffer)
#define siglongjmp longjmp
#else
#undef mxLinux
#define mxLinux 1
#define mxUseGCCAtomics 1
#define mxUsePOSIXThreads 1
#endif

#define mxMachinePlatform \
	int promiseJobs; \
	void* waiterCondition; \
	void* waiterData; \
	void* waiterLink;

#define mxUseDefaultBuildKeys 1
#define mxUseDefaultChunkAllocation 0 /* alloc.c */
#define mxUseDefaultSlotAllocation 0 /* stack.c */
#define mxUseDefaultSharedChunks 1
#define mxUseDefaultCStackLimit 0

/* alloc.c: what the engine allocates belongs to the machine that is entered, or to the root. */
void* xsh_malloc(size_t size);
void* xsh_calloc(size_t count, size_t size);
void* xsh_realloc(void* data, size_t size);
void xsh_free(void* data);
#define c_malloc xsh_malloc
#define c_calloc xsh_calloc
#define c_realloc xsh_realloc
#define c_free xsh_free
/* A machine's tables. */
#if defined(XSH_BARE)
void* xsh_malloc_table(size_t size);
#define c_malloc_uint32 xsh_malloc_table
#else
#define c_malloc_uint32 xsh_malloc
#endif
#define c_free_uint32 xsh_free

/* platform.c: the engine's console is where it says what it ran out of. */
int xsh_vreport(const char* format, va_list arguments);
int xsh_report(const char* format, ...);
#define c_vprintf xsh_vreport
#define c_printf xsh_report

/* platform.c: Math.random and Date of a board. */
int xsh_rand(void);
int xsh_gettimeofday(struct timeval* tv, void* zone);
#define c_rand xsh_rand
#define C_RAND_MAX 0x7fffffff
#define c_gettimeofday xsh_gettimeofday
typedef struct timeval c_timeval;
#define c_timezone timezone

#endif
