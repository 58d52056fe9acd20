/*
 * ECDSA's verification (SEC 1 section 4.1.4) with tables of the key's odd multiples. Numbers and
 * points are libsecp256k1's.
 */
#ifndef FM_CHECKER_H
#define FM_CHECKER_H

#include "inverse.h"
#include "keys.h"

/* The generator's tables, 128 KiB: eight times as much is no faster, as other work pushes it out of the caches. */
#define BASE_WINDOW 10
#define BASE_MULTIPLES ECMULT_TABLE_SIZE(BASE_WINDOW)
#define BASE_PARTS 8
/* A half of a scalar that is split by the curve's endomorphism, and a whole one, in digits. */
#define HALF_DIGITS 130
#define DIGITS 256

typedef struct {
	secp256k1_ge_storage base[BASE_PARTS][BASE_MULTIPLES];
	known_keys known;
} checker;

static void init_checker(checker *made)
{
	make_tables(made->base[0], BASE_MULTIPLES, &secp256k1_ge_const_g, 0, BASE_PARTS);
}

/** Adds `digit` times a point, by its odd multiples; of lambda times the point where that is asked. */
static void add_multiple(secp256k1_gej *sum, const secp256k1_ge_storage *odd, int digit, int by_lambda)
{
	secp256k1_ge point;
	if (digit == 0) return;
	secp256k1_ge_from_storage(&point, &odd[((digit < 0 ? -digit : digit) - 1) / 2]);
	if (digit < 0) secp256k1_fe_negate(&point.y, &point.y, 1);
	if (by_lambda) secp256k1_ge_mul_lambda(&point, &point);
	secp256k1_gej_add_ge_var(sum, sum, &point, NULL);
}

/**
 * u1 G + u2 P. Digits of a number (wNAF) whose places are PART_BITS apart are added between the same two
 * doublings, each by its own table.
 */
static void combine_points(const checker *own, secp256k1_gej *sum, const secp256k1_scalar *u1,
	const secp256k1_scalar *u2, const known_key *key)
{
	int base[BASE_PARTS * PART_BITS] = {0};
	int halves[2][KEY_PARTS * PART_BITS] = {{0}};
	int bits = key->parts == 1 ? HALF_DIGITS : PART_BITS;
	secp256k1_scalar low, high;
	secp256k1_scalar_split_lambda(&low, &high, u2);
	secp256k1_ecmult_wnaf(halves[0], HALF_DIGITS, &low, KEY_WINDOW);
	secp256k1_ecmult_wnaf(halves[1], HALF_DIGITS, &high, KEY_WINDOW);
	secp256k1_ecmult_wnaf(base, DIGITS, u1, BASE_WINDOW);
	secp256k1_gej_set_infinity(sum);
	for (int bit = bits - 1; bit >= 0; bit--) {
		secp256k1_gej_double_var(sum, sum, NULL);
		for (int part = 0; part < key->parts; part++)
			for (int half = 0; half < 2; half++)
				add_multiple(sum, key->multiples[part], halves[half][part * PART_BITS + bit], half);
		for (int part = 0; part < BASE_PARTS && bit < PART_BITS; part++)
			add_multiple(sum, own->base[part], base[part * PART_BITS + bit], 0);
	}
}

/** Whether the x of a point is r modulo n: r and r + n are tried, as secp256k1_ecdsa_sig_verify does. */
static int has_x(const secp256k1_gej *point, const secp256k1_scalar *r)
{
	unsigned char bytes[32];
	secp256k1_fe x;
	secp256k1_scalar_get_b32(bytes, r);
	secp256k1_fe_set_b32(&x, bytes);
	if (secp256k1_gej_eq_x_var(&x, point)) return 1;
	if (secp256k1_fe_cmp_var(&x, &secp256k1_ecdsa_const_p_minus_order) >= 0) return 0;
	secp256k1_fe_add(&x, &secp256k1_ecdsa_const_order_as_fe);
	return secp256k1_gej_eq_x_var(&x, point);
}

/** `signature`: r and s, 32 bytes each, big-endian; `digest`: 32 bytes. A high s is refused. */
static int is_signed(checker *own, const unsigned char *signature, const unsigned char *digest,
	const unsigned char *key_bytes, size_t key_length)
{
	secp256k1_scalar r, s, message, inverse, u1, u2;
	secp256k1_gej point;
	int r_over, s_over;
	secp256k1_scalar_set_b32(&r, signature, &r_over);
	secp256k1_scalar_set_b32(&s, signature + 32, &s_over);
	if (r_over || s_over || secp256k1_scalar_is_zero(&r) || secp256k1_scalar_is_zero(&s)) return 0;
	if (secp256k1_scalar_is_high(&s)) return 0;
	const known_key *key = find_key(&own->known, key_bytes, key_length);
	if (key == NULL) return 0;
	secp256k1_scalar_set_b32(&message, digest, NULL);
	invert(&inverse, &s);
	secp256k1_scalar_mul(&u1, &inverse, &message);
	secp256k1_scalar_mul(&u2, &inverse, &r);
	combine_points(own, &point, &u1, &u2, key);
	return !secp256k1_gej_is_infinity(&point) && has_x(&point, &r);
}

#endif
