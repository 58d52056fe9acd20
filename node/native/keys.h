/*
 * Public keys that were met lately, with tables of their odd multiples: a device signs frame after
 * frame, so what depends on its key alone is done once.
 *
 * The memory is bounded, whoever sends what: sets of four, found by the key's own bytes; a new key
 * takes the place of another of its set.
 */
#ifndef FM_KEYS_H
#define FM_KEYS_H

#include <stddef.h>

/* Tables of a point: of P, 2^33 P, 2^66 P and 2^99 P, so that a sum takes 33 doublings instead of 130. */
#define PART_BITS 33
#define KEY_PARTS 4
/* Points 1P, 3P ... 15P. A window of 6 bits gains some 5 % for twice the memory. */
#define KEY_WINDOW 5
#define KEY_MULTIPLES ECMULT_TABLE_SIZE(KEY_WINDOW)
#define KEY_BYTES 65
/* A power of 2. With four keys each: 16,384 keys in 34 MiB, which are touched only as keys come. */
#define KEY_SETS 4096
#define KEY_WAYS 4

typedef struct {
	/** SEC 1, as it was given: 33 or 65 bytes; 0 where there is none. */
	unsigned char length;
	unsigned char bytes[KEY_BYTES];
	/** Tables that there are: 1 when the key comes first, all when it comes again. */
	unsigned char parts;
	secp256k1_ge_storage multiples[KEY_PARTS][KEY_MULTIPLES];
} known_key;

typedef struct {
	known_key keys[KEY_SETS][KEY_WAYS];
	/** In which place of a set the next new key goes. */
	unsigned char next[KEY_SETS];
} known_keys;

/** Makes the tables from `from` to below `to` of `count` odd multiples each; table 0 is the point's own. */
static void make_tables(secp256k1_ge_storage *tables, int count, const secp256k1_ge *point, int from, int to)
{
	secp256k1_gej part;
	secp256k1_gej_set_ge(&part, point);
	for (int i = 0; i < to; i++) {
		if (i >= from) secp256k1_ecmult_odd_multiples_table_storage_var(count, tables + i * count, &part);
		for (int bit = 0; bit < PART_BITS && i + 1 < to; bit++) secp256k1_gej_double_var(&part, &part, NULL);
	}
}

/** The key with its tables, good until the next call; NULL where the bytes are no point of the curve. */
static const known_key *find_key(known_keys *known, const unsigned char *bytes, size_t length)
{
	secp256k1_ge point;
	size_t set = ((size_t)bytes[length - 1] << 8 | bytes[length - 2]) & (KEY_SETS - 1);
	for (int way = 0; way < KEY_WAYS; way++) {
		known_key *key = &known->keys[set][way];
		if (key->length != length || memcmp(key->bytes, bytes, length) != 0) continue;
		if (key->parts == 1) {
			secp256k1_ge_from_storage(&point, &key->multiples[0][0]);
			make_tables(key->multiples[0], KEY_MULTIPLES, &point, 1, KEY_PARTS);
			key->parts = KEY_PARTS;
		}
		return key;
	}
	if (!secp256k1_eckey_pubkey_parse(&point, bytes, length)) return NULL;
	known_key *key = &known->keys[set][known->next[set]++ % KEY_WAYS];
	make_tables(key->multiples[0], KEY_MULTIPLES, &point, 0, 1);
	memcpy(key->bytes, bytes, length);
	key->length = (unsigned char)length;
	key->parts = 1;
	return key;
}

#endif
