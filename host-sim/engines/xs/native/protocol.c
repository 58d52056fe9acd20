/*
 * Frames: u32 length of what follows, u32 board, u8 kind, payload; little-endian. Lengths are checked before anything
 * is read; a frame that makes no sense is answered with `refused` and changes nothing.
 */
#include "host.h"

enum { CREATE = 1, DELIVER = 2, END = 3, STATISTICS = 4, QUIT = 5, PING = 6, CENSUS = 7, FLASH = 8, FLASH_DROP = 9 };
enum { CREATED = 1, ENDED = 3, COUNTED = 4, PONG = 5, READY = 6, REFUSED = 7, KINDS = 8, DONE = 11 };
enum { KEY_GIVEN = 1, SEED_GIVEN = 2, SYNCHRONOUS = 4 };
enum { MIRRORED = 1 };
enum { ALL = 0xffffffff };

typedef struct {
	const uint8_t* at;
	size_t left;
	bool short_of;
} reader;

static const uint8_t* take(reader* it, size_t length)
{
	if (it->left < length) {
		it->short_of = true;
		return NULL;
	}
	const uint8_t* bytes = it->at;
	it->at += length;
	it->left -= length;
	return bytes;
}

static uint8_t take_u8(reader* it)
{
	const uint8_t* bytes = take(it, 1);
	return bytes == NULL ? 0 : bytes[0];
}

static uint32_t take_u32(reader* it)
{
	const uint8_t* bytes = take(it, 4);
	return bytes == NULL ? 0 : (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static double take_f64(reader* it)
{
	uint64_t low = take_u32(it);
	uint64_t bits = low | (uint64_t)take_u32(it) << 32;
	double value;
	memcpy(&value, &bits, sizeof value);
	return value;
}

static void refuse(uint32_t board, const char* why)
{
	xsh_output_begin(board, REFUSED, strlen(why));
	xsh_output_bytes(why, strlen(why));
}

static void send_ended(uint32_t id, xsh_reason reason, const char* detail)
{
	xsh_output_begin(id, ENDED, 1 + strlen(detail));
	xsh_output_u8((uint8_t)reason);
	xsh_output_bytes(detail, strlen(detail));
}

static void end_board(xsh_board* board, xsh_reason reason, const char* detail)
{
	uint32_t id = board->id;
	xsh_boards_remove(board);
	send_ended(id, reason, detail);
}

/* To who waits for the end of a turn. */
static void send_done(uint32_t id)
{
	xsh_output_begin(id, DONE, 0);
}

static bool is_sane(const xsh_limits* limits)
{
	return limits->slots >= 64 && limits->slots <= 1 << 20 && limits->chunk_bytes >= 1024 && limits->chunk_bytes <= 1 << 26
		&& limits->stack_slots >= 64 && limits->stack_slots <= XSH_STACK_SLOTS_MOST && limits->keys <= 8192
		&& limits->payload_bytes <= limits->chunk_bytes && limits->computrons >= 1000;
}

static void create(uint32_t id, reader* in)
{
	if (id == ALL || xsh_boards_find(id) != NULL) {
		refuse(id, "create: there is such a board already");
		return;
	}
	xsh_limits limits = { .slots = take_u32(in) };
	limits.chunk_bytes = take_u32(in);
	limits.stack_slots = take_u32(in);
	limits.keys = take_u32(in);
	limits.payload_bytes = take_u32(in);
	limits.computrons = take_u32(in);
	uint8_t given = take_u8(in);
	const uint8_t* key = given & KEY_GIVEN ? take(in, FM_KEY_BYTES) : NULL;
	const uint8_t* seed = given & SEED_GIVEN ? take(in, XSH_SEED_BYTES) : NULL;
	if (in->short_of || !is_sane(&limits)) {
		refuse(id, in->short_of ? "create: too short" : "create: limits out of range");
		return;
	}
	xsh_board* board = xsh_boards_add(id);
	if (board == NULL) {
		refuse(id, "create: no memory");
		return;
	}
	board->limits = limits;
	board->nor = xsh_nor_find(id);
	board->is_synchronous = given & SYNCHRONOUS;
	if (seed != NULL) memcpy(board->random.seed, seed, XSH_SEED_BYTES);
	else xsh_random_system(board->random.seed, XSH_SEED_BYTES);
	fm_status status = key == NULL ? FM_BAD_KEY : fm_signer_take(&board->signer, key);
	while (key == NULL && status == FM_BAD_KEY) {
		uint8_t made[FM_KEY_BYTES];
		xsh_random_fill(&board->random, made, sizeof made);
		status = fm_signer_take(&board->signer, made);
		fm_erase(made, sizeof made);
	}
	if (status != FM_OK) {
		xsh_boards_remove(board);
		refuse(id, "create: not a private key");
		return;
	}
	/* First, so that what boot sends comes after it. */
	xsh_output_begin(id, CREATED, FM_PUBLIC_KEY_BYTES);
	xsh_output_bytes(board->signer.public_key, FM_PUBLIC_KEY_BYTES);
	xsh_outcome outcome;
	xsh_board_create(board, in->at, in->left, &outcome);
	if (!outcome.ok) end_board(board, outcome.reason, outcome.detail);
	if (given & SYNCHRONOUS) send_done(id);
}

/* A board that runs keeps the flash that it started with. */
static void flash(uint32_t id, reader* in)
{
	xsh_nor_shape shape = { .size = take_u32(in) };
	shape.sector_bytes = take_u32(in);
	shape.program_bytes = take_u32(in);
	uint8_t flags = take_u8(in);
	const char* wrong = in->short_of ? "too short" : "the board runs";
	if (!in->short_of && xsh_boards_find(id) == NULL) wrong = xsh_nor_make(id, &shape, flags & MIRRORED, in->at, in->left);
	if (wrong == NULL) return;
	char text[64];
	snprintf(text, sizeof text, "flash: %s", wrong);
	refuse(id, text);
}

static void drop_flash(uint32_t id)
{
	xsh_nor* nor = xsh_nor_find(id);
	if (nor == NULL) refuse(id, "flash-drop: no such flash");
	else if (xsh_boards_find(id) != NULL) refuse(id, "flash-drop: the board runs");
	else xsh_nor_drop(nor);
}

static void deliver(uint32_t id, reader* in)
{
	double uptime = take_f64(in);
	uint8_t kind = take_u8(in);
	uint32_t message = take_u32(in);
	xsh_board* board = xsh_boards_find(id);
	if (in->short_of || !(uptime >= 0 && uptime < 1e15)) {
		refuse(id, in->short_of ? "deliver: too short" : "deliver: uptime out of range");
		return;
	}
	/* It may have ended while this was on its way; its end was told. */
	if (board == NULL) return;
	bool is_synchronous = board->is_synchronous;
	xsh_outcome outcome;
	xsh_board_deliver(board, uptime, kind, message, in->at, in->left, &outcome);
	if (!outcome.ok) end_board(board, outcome.reason, outcome.detail);
	if (is_synchronous) send_done(id);
}

/* Doubles, in this order; the names are in docs. */
static void send_counts(const xsh_board* board)
{
	txMachine* the = board->the;
	const double counts[] = {
		board->limits.slots, the->currentHeapCount, the->peakHeapCount, board->live_slots_peak,
		board->limits.chunk_bytes, xsh_chunks32(the), board->live_chunks_peak, the->currentChunksSize,
		board->limits.stack_slots, (double)(the->stackTop - the->stackPeak),
		board->collections, the->aliasCount, board->limits.keys, the->keyIndex - the->keyOffset,
		the->nameModulo, the->symbolModulo, (double)xsh_memory_bytes(board), (double)board->turns, (double)board->computrons,
		board->nor == NULL ? 0 : (double)board->nor->bytes,
	};
	xsh_output_begin(board->id, COUNTED, sizeof counts);
	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) xsh_output_f64(counts[i]);
}

static void statistics(uint32_t id, reader* in)
{
	bool collect = take_u8(in) != 0;
	xsh_board* one = id == ALL ? NULL : xsh_boards_find(id);
	if (id != ALL && one == NULL) {
		refuse(id, "statistics: no such board");
		return;
	}
	/* From the last on: a board that ends is replaced by the last, whose counts are told already. */
	for (uint32_t i = one == NULL ? xsh_boards_count() : 1; i > 0; i--) {
		xsh_board* board = one == NULL ? xsh_boards_at(i - 1) : one;
		xsh_outcome outcome = { .ok = true };
		if (collect) xsh_board_collect(board, &outcome);
		if (outcome.ok) send_counts(board);
		else end_board(board, outcome.reason, outcome.detail);
	}
}

/* How many slots there are of each of the engine's kinds: what a script's memory is made of. */
static void census(const xsh_board* board)
{
	uint32_t kinds[XS_IDS_KIND + 1] = { 0 };
	for (txSlot* heap = board->the->firstHeap; heap != NULL; heap = heap->next)
		for (txSlot* slot = heap + 1; slot < heap->value.reference; slot++)
			if (0 <= slot->kind && slot->kind <= XS_IDS_KIND) kinds[slot->kind]++;
	for (txSlot* slot = board->the->freeHeap; slot != NULL; slot = slot->next) kinds[XS_UNDEFINED_KIND]--;
	xsh_output_begin(board->id, KINDS, (XS_IDS_KIND + 1) * sizeof(double));
	for (int i = 0; i <= XS_IDS_KIND; i++) xsh_output_f64(kinds[i]);
}

bool xsh_protocol_frame(uint32_t board, uint8_t kind, uint8_t* payload, size_t length)
{
	reader in = { .at = payload, .left = length };
	xsh_board* found;
	switch (kind) {
	case CREATE:
		create(board, &in);
		/* The key and the seed. */
		fm_erase(payload, length);
		return true;
	case DELIVER:
		deliver(board, &in);
		return true;
	case END:
		found = xsh_boards_find(board);
		if (found == NULL) refuse(board, "end: no such board");
		else end_board(found, XSH_ASKED, "asked to");
		return true;
	case STATISTICS:
		statistics(board, &in);
		return true;
	case CENSUS:
		found = xsh_boards_find(board);
		if (found == NULL) refuse(board, "census: no such board");
		else census(found);
		return true;
	case FLASH:
		flash(board, &in);
		return true;
	case FLASH_DROP:
		drop_flash(board);
		return true;
	case PING:
		xsh_output_begin(board, PONG, 0);
		return true;
	case QUIT:
		return false;
	default:
		refuse(board, "no such kind");
		return true;
	}
}

void xsh_protocol_ready(void)
{
	const double counts[] = {
		2, xsh_root->currentHeapCount, xsh_root->currentChunksSize, xsh_chunks32(xsh_root), xsh_root->aliasCount, xsh_root->keyIndex,
		xsh_root->nameModulo, xsh_root->symbolModulo, (double)xsh_root_bytes(),
	};
	xsh_output_begin(0, READY, sizeof counts);
	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) xsh_output_f64(counts[i]);
}
