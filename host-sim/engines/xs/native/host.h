/* What the parts of xs-host share. One thread; at most one machine is entered at a time. */
#ifndef XSH_HOST_H
#define XSH_HOST_H

#include "xsAll.h"
#include "../../../../firmware/native/erase.h"
#include "../../../../firmware/native/signer.h"

/* A frame's length, at most: what its first four bytes may say. */
enum { XSH_SEED_BYTES = 32, XSH_FRAME_BYTES = 1 << 20 };
/* What is said of an end. */
#if defined(XSH_BARE)
enum { XSH_DETAIL_BYTES = 112 };
#else
enum { XSH_DETAIL_BYTES = 256 };
#endif

/* Why a board ended. The numbers are on the wire. */
typedef enum {
	XSH_ASKED = 0,
	XSH_SLOTS = 1,        /* no free slot */
	XSH_CHUNKS = 2,       /* no room for a chunk */
	XSH_STACK = 3,        /* the machine's stack is full */
	XSH_NATIVE_STACK = 4, /* the engine's own recursion is too deep */
	XSH_KEYS = 5,         /* too many property names or symbols made at run time */
	XSH_COMPUTATION = 6,  /* more computrons than a turn may have */
	XSH_TIME = 7,         /* stuck in native code */
	XSH_EXCEPTION = 8,
	XSH_REJECTION = 9,
	XSH_FLASH_WRITE = 10,
	XSH_NO_PARSER = 11,   /* eval, Function: a board has no parser */
	XSH_OUTPUT = 12,      /* sent more in a turn than a turn may send */
	XSH_HOST_MEMORY = 13,
	XSH_FATAL = 14,
	XSH_POWER_CUT = 15    /* the other side cut its power inside a call */
} xsh_reason;

#if !defined(XSH_BARE)
/* alloc.c */
typedef struct xsh_allocation xsh_allocation;
/* Memory that is handed out from `next` on. */
typedef struct {
	uint8_t* base;
	uint8_t* next;
	uint8_t* end;
} xsh_range;
typedef struct {
	/* The parts of known size, then, from `fixed_end` on, the chunks. */
	xsh_range range;
	uint8_t* fixed_end;
	/* All others. */
	xsh_allocation* first;
	size_t bytes;
} xsh_heap;
void xsh_alloc_root(size_t bytes);
bool xsh_alloc_is_root(const void* address);
size_t xsh_alloc_root_offset(const void* address);
void xsh_alloc_lock_root(void);
/* Whose the next allocations are; NULL: the root's. */
void xsh_alloc_use(xsh_heap* heap);
/* Gets a machine's memory at once: `fixed` is the sum of what its parts take (xsh_alloc_room). False: there is none. */
bool xsh_alloc_reserve(xsh_heap* heap, size_t fixed, size_t chunks);
size_t xsh_alloc_room(size_t size);
void xsh_alloc_release(xsh_heap* heap);
/* Gives whole pages of allocated memory back to the kernel: what was in them is lost. */
void xsh_alloc_forget(void* from, void* to);
#endif
/* True while libc's allocator may be half way: no jump out of a signal then. */
extern volatile sig_atomic_t xsh_in_libc;

/* random.c: SHA-256 in counter mode over a seed. */
typedef struct {
	uint8_t seed[XSH_SEED_BYTES];
	uint64_t counter;
} xsh_random;
void xsh_random_fill(xsh_random* random, uint8_t* into, size_t length);
/* The kernel's randomness behind the firmware's health tests, and the signer's context. Ends the process where they do not start. */
void xsh_random_open(void);
/* Ends the process where the kernel's randomness fails. */
void xsh_random_system(uint8_t* into, size_t length);

/* What a board may use, as on a 32-bit board. */
typedef struct {
	uint32_t slots;
	uint32_t chunk_bytes;
	uint32_t stack_slots;
	uint32_t keys;          /* property names and symbols made at run time */
	uint32_t payload_bytes; /* of a message, without a new buffer */
	uint32_t computrons;    /* in one turn */
} xsh_limits;

/* nor.c: flash that outlives the board. */
typedef struct {
	uint32_t size;
	uint32_t sector_bytes;
	uint32_t program_bytes;
} xsh_nor_shape;
typedef struct xsh_nor_sector xsh_nor_sector;
typedef struct {
	uint32_t id;
	xsh_nor_shape shape;
	/* Each change is told. */
	bool mirrored;
	/* Of this machine's memory. */
	size_t bytes;
#if !defined(XSH_BARE)
	xsh_nor_sector** sectors;
#endif
} xsh_nor;
xsh_nor* xsh_nor_find(uint32_t id);
/* In place of one that has the number. `content`: its first bytes; the others are erased. Returns what is wrong, or NULL. */
const char* xsh_nor_make(uint32_t id, const xsh_nor_shape* shape, bool mirrored, const uint8_t* content, size_t length);
void xsh_nor_drop(xsh_nor* nor);
/* These take ranges and alignments that were checked. False: no memory. */
void xsh_nor_read(const xsh_nor* nor, uint32_t address, uint8_t* into, size_t length);
bool xsh_nor_program(xsh_nor* nor, uint32_t address, const uint8_t* data, size_t length);
void xsh_nor_erase(xsh_nor* nor, uint32_t address);

typedef struct xsh_board xsh_board;
struct xsh_board {
	uint32_t id;
	txMachine* the;
	xsh_limits limits;
	xsh_random random;
	fm_signer signer;
#if !defined(XSH_BARE)
	xsh_heap heap;
	/* What its machine's stack holds between turns. */
	txSlot stack[mxInstanceInspectorsStackIndex + 1];
#endif
	double uptime;
	/* NULL: it has none. */
	xsh_nor* nor;
	/* It may make calls, and the other side waits for the end of each of its turns. */
	bool is_synchronous;
	size_t turn_output;
	txSlot payload;
	/* Seen by the collector's hook. */
	uint32_t collections;
	uint16_t engine_collections;
	uint32_t live_slots_peak;
	uint32_t live_chunks_peak;
	bool compacting;
	/* The chunks' bytes when they were counted last, here and as on a board. */
	uint32_t measured;
	uint32_t measured32;
	uint64_t turns;
	uint64_t computrons;
};

/* Ends the process, and says why. */
void xsh_fatal(const char* why) __attribute__((noreturn));

/* What the instructions are spent on that run now: boards on emulated chips count them. */
typedef enum { XSH_IDLE, XSH_SCRIPT, XSH_SIGN, XSH_HASH, XSH_FLASH, XSH_SERIAL, XSH_COLLECT, XSH_WORKS } xsh_work;
#if defined(XSH_BARE)
/* Returns what it was before. */
xsh_work xsh_work_on(xsh_work work);
#else
static inline xsh_work xsh_work_on(xsh_work work)
{
	return work;
}
#endif

/* run.c: enters a machine so that nothing it does ends more than itself. */
typedef struct {
	bool ok;
	xsh_reason reason;
	char detail[XSH_DETAIL_BYTES];
} xsh_outcome;
typedef void (*xsh_body)(txMachine* the, void* data);
/* `the` may be NULL while the body makes it. */
void xsh_run(xsh_board* board, xsh_body body, void* data, xsh_outcome* outcome);
xsh_board* xsh_run_board(void);
void xsh_run_end(xsh_reason reason, const char* detail) __attribute__((noreturn));
bool xsh_run_is_active(void);
/* Counts on where script runs on: a watchdog ends what is stuck in one native function. */
extern volatile uint32_t xsh_run_steps;
/* Forgets what the engine reported last. */
void xsh_report_clear(void);
/* Runs promise jobs until there are none, then ends the board where a rejection was left unhandled. */
void xsh_run_jobs(txMachine* the);
void xsh_describe(txMachine* the, txSlot* exception, char* into, size_t size);

/* watch.c: what ends a board from outside. */
void xsh_run_open(void);
/* Whether the native stack, not the machine's, is used up. */
bool xsh_run_is_deep(void);

/* memory.c: the memory of a board's machine. */
/* A board's chunks as the engine is asked for them, in bytes. */
txSize xsh_memory_chunks(const xsh_limits* limits);
/* All that the machine will ask for. False: there is none. */
bool xsh_memory_reserve(xsh_board* board, const txCreation* creation);
void xsh_memory_release(xsh_board* board);
/* Whose the engine's next allocations are; NULL: the root's. */
void xsh_memory_use(xsh_board* board);
size_t xsh_memory_bytes(const xsh_board* board);
/* Other boards want what this one does not use. */
extern const bool xsh_memory_is_shared;

/* stack.c: the machines' one stack. */
enum { XSH_STACK_SLOTS_MOST = 1 << 16 };
void xsh_stack_open(void);
/* After a turn and before the next: the board's part of the stack. */
void xsh_stack_keep(xsh_board* board);
void xsh_stack_bring(const xsh_board* board);

/* root.c */
extern txMachine* xsh_root;
typedef struct {
	txID host, boot, receive;
} xsh_ids;
extern xsh_ids xsh_names;
/* Runs a script in a new root machine, and shares that. False: `error` says what is wrong with the script. */
bool xsh_root_build(char* text, size_t length, char* error, size_t error_size);
/* bundle.c */
txCreation xsh_root_creation(void);
bool xsh_root_open(const char* path, char* error, size_t error_size);
/* What the root takes. */
size_t xsh_root_bytes(void);
/* flash.c */
void xsh_flash_prepare(txMachine* the);
void xsh_flash_finish(txMachine* the);
/* natives.c */
void xsh_natives_build(txMachine* the);

/* board.c */
void xsh_board_create(xsh_board* board, const uint8_t* config, size_t length, xsh_outcome* outcome);
void xsh_board_deliver(xsh_board* board, double uptime, uint8_t kind, uint32_t id, const uint8_t* payload, size_t length, xsh_outcome* outcome);
void xsh_board_collect(xsh_board* board, xsh_outcome* outcome);
/* Before it sends so many bytes: ends the board where it has more to say in a turn than a turn may. */
void xsh_board_charge(xsh_board* board, size_t bytes);
/* Erases the key and gives the memory back. */
void xsh_board_release(xsh_board* board);

/* chunks32.c: the chunks' bytes on a 32-bit board. */
uint32_t xsh_chunks32(txMachine* the);
/* At a turn's end: ends the board where its chunks are more than it may have. */
void xsh_chunks_check(xsh_board* board);
/* Gives back the pages that a compacting collection has left empty. */
void xsh_chunks_trim(const txMachine* the);

/* table.c: what is in it starts with the number, u32. */
typedef struct {
	void** items;
	uint32_t count;
	uint32_t* places; /* index + 1; 0: free */
	uint32_t capacity; /* of places, a power of two; items have half of it */
} xsh_table;
void* xsh_table_find(const xsh_table* table, uint32_t id);
void xsh_table_add(xsh_table* table, void* item);
void xsh_table_remove(xsh_table* table, const void* item);

/* boards.c */
xsh_board* xsh_boards_find(uint32_t id);
xsh_board* xsh_boards_add(uint32_t id);
void xsh_boards_remove(xsh_board* board);
uint32_t xsh_boards_count(void);
xsh_board* xsh_boards_at(uint32_t index);

/* frames.c */
/* A frame's head; `length` bytes of payload follow. */
void xsh_output_begin(uint32_t board, uint8_t kind, size_t length);
void xsh_output_u8(uint8_t value);
void xsh_output_u32(uint32_t value);
void xsh_output_f64(double value);
/* output.c */
void xsh_output_bytes(const void* data, size_t length);
size_t xsh_output_pending(void);
/* Writes what the other side takes now. False: it is gone. */
bool xsh_output_flush(int fd);

/* main.c: bytes that were read and not handled. */
size_t xsh_input_waiting(void);

/* calls.c: writes all output, the last of it a board's call, and reads the answer to that: good until the next. */
typedef struct {
	uint8_t status;
	const uint8_t* data;
	size_t length;
} xsh_reply;
xsh_reply xsh_call(uint32_t board);

/* To the serial port of the host's one board; what it does not take is dropped. False: there is none. */
bool xsh_serial_write(const uint8_t* bytes, size_t length);

/* protocol.c */
/* Handles one frame; erases a payload that holds secrets. False: it says to stop. */
bool xsh_protocol_frame(uint32_t board, uint8_t kind, uint8_t* payload, size_t length);
void xsh_protocol_ready(void);

#endif
