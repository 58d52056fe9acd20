/*
 * The inverse of a scalar modulo the group order, in variable time: for signatures, which are
 * public. npm's libsecp256k1 raises to the power n - 2 (Fermat), which takes seven times as long.
 *
 * Bernstein and Yang, "Fast constant-time gcd computation and modular inversion" (2019), with the
 * steps taken 62 at a time on the low words alone, their matrix then applied to the whole numbers.
 * Numbers are five limbs of 62 bits, low first; the last has the sign.
 */
#ifndef FM_INVERSE_H
#define FM_INVERSE_H

typedef __int128 wide;
typedef struct {
	int64_t limb[5];
} signed62;
/** What 62 steps do to (f, g), times 2^62. */
typedef struct {
	int64_t u, v, q, r;
} steps62;

#define LOW62 ((int64_t)(UINT64_MAX >> 2))

/** SEC 2 §2.4.1: n. */
static const signed62 ORDER = {{0x3FD25E8CD0364141, 0x2ABB739ABD2280EE, -0x15, 0, 256}};
/** n^-1 modulo 2^62. */
static const uint64_t ORDER_INVERSE = 0x34F20099AA774EC1;

/** Takes 62 steps on the low words of f and g; returns the new eta, which is minus the paper's delta. */
static int64_t take_steps(int64_t eta, uint64_t f, uint64_t g, steps62 *steps) {
	uint64_t u = 1, v = 0, q = 0, r = 1;
	int left = 62;
	for (;;) {
		int zeros = __builtin_ctzll(g | (UINT64_MAX << left));
		g >>= zeros;
		u <<= zeros;
		v <<= zeros;
		eta -= zeros;
		left -= zeros;
		if (left == 0) break;
		uint64_t multiple, kept;
		if (eta < 0) {
			uint64_t old = f;
			eta = -eta;
			f = g, g = -old;
			old = u, u = q, q = -old;
			old = v, v = r, r = -old;
			kept = 63;
			multiple = f * g * (f * f - 2); /* -g / f modulo 64 */
		} else {
			kept = 15;
			multiple = -(f + (((f + 1) & 4) << 1)) * g; /* -g / f modulo 16 */
		}
		/* No more zeros than there are steps left, or until eta changes its sign. */
		int limit = eta + 1 > left ? left : (int)eta + 1;
		multiple &= kept & (UINT64_MAX >> (64 - limit));
		g += f * multiple;
		q += u * multiple;
		r += v * multiple;
	}
	*steps = (steps62){(int64_t)u, (int64_t)v, (int64_t)q, (int64_t)r};
	return eta;
}

/** (f, g) after the steps: exact, as the low 62 bits are zero. */
static void step_numbers(signed62 *f, signed62 *g, const steps62 *t) {
	wide cf = 0, cg = 0;
	for (int i = 0; i < 5; i++) {
		int64_t fi = f->limb[i], gi = g->limb[i];
		cf += (wide)t->u * fi + (wide)t->v * gi;
		cg += (wide)t->q * fi + (wide)t->r * gi;
		if (i > 0) {
			f->limb[i - 1] = (int64_t)cf & LOW62;
			g->limb[i - 1] = (int64_t)cg & LOW62;
		}
		cf >>= 62;
		cg >>= 62;
	}
	f->limb[4] = (int64_t)cf;
	g->limb[4] = (int64_t)cg;
}

/** (d, e) after the same steps modulo n, both from -2n to n: multiples of n make the low 62 bits zero. */
static void step_factors(signed62 *d, signed62 *e, const steps62 *t) {
	int64_t d_sign = d->limb[4] >> 63, e_sign = e->limb[4] >> 63;
	int64_t md = (t->u & d_sign) + (t->v & e_sign), me = (t->q & d_sign) + (t->r & e_sign);
	wide cd = 0, ce = 0;
	for (int i = 0; i < 5; i++) {
		int64_t di = d->limb[i], ei = e->limb[i];
		cd += (wide)t->u * di + (wide)t->v * ei;
		ce += (wide)t->q * di + (wide)t->r * ei;
		if (i == 0) {
			md -= (int64_t)((ORDER_INVERSE * (uint64_t)cd + (uint64_t)md) & (uint64_t)LOW62);
			me -= (int64_t)((ORDER_INVERSE * (uint64_t)ce + (uint64_t)me) & (uint64_t)LOW62);
		}
		cd += (wide)ORDER.limb[i] * md;
		ce += (wide)ORDER.limb[i] * me;
		if (i > 0) {
			d->limb[i - 1] = (int64_t)cd & LOW62;
			e->limb[i - 1] = (int64_t)ce & LOW62;
		}
		cd >>= 62;
		ce >>= 62;
	}
	d->limb[4] = (int64_t)cd;
	e->limb[4] = (int64_t)ce;
}

/** sign * a + multiple * n, with limbs of 62 bits again. */
static void combine(signed62 *a, int64_t sign, int64_t multiple) {
	wide carry = 0;
	for (int i = 0; i < 5; i++) {
		carry += (wide)sign * a->limb[i] + (wide)multiple * ORDER.limb[i];
		a->limb[i] = i < 4 ? (int64_t)carry & LOW62 : (int64_t)carry;
		carry >>= 62;
	}
}

/** `x` is not zero. */
static void invert(secp256k1_scalar *inverse, const secp256k1_scalar *x) {
	const uint64_t *w = x->d;
	signed62 f = ORDER, d = {{0}}, e = {{1}};
	signed62 g = {{
			(int64_t)w[0] & LOW62,
			(int64_t)(w[0] >> 62 | w[1] << 2) & LOW62,
			(int64_t)(w[1] >> 60 | w[2] << 4) & LOW62,
			(int64_t)(w[2] >> 58 | w[3] << 6) & LOW62,
			(int64_t)(w[3] >> 56),
	}};
	int64_t eta = -1;
	/* 590 steps are enough for 256 bits (Bernstein and Yang, §11). */
	for (int i = 0; i < 10; i++) {
		steps62 steps;
		eta = take_steps(eta, (uint64_t)f.limb[0], (uint64_t)g.limb[0], &steps);
		step_factors(&d, &e, &steps);
		step_numbers(&f, &g, &steps);
		if ((g.limb[0] | g.limb[1] | g.limb[2] | g.limb[3] | g.limb[4]) == 0) break;
	}
	/* f is the gcd now, 1 or -1, and d = f / x. */
	if (d.limb[4] < 0) combine(&d, 1, 1);
	if (f.limb[4] < 0) combine(&d, -1, 0);
	if (d.limb[4] < 0) combine(&d, 1, 1);
	const uint64_t l[5] = {(uint64_t)d.limb[0], (uint64_t)d.limb[1], (uint64_t)d.limb[2],
												 (uint64_t)d.limb[3], (uint64_t)d.limb[4]};
	secp256k1_scalar product;
	inverse->d[0] = l[0] | l[1] << 62;
	inverse->d[1] = l[1] >> 2 | l[2] << 60;
	inverse->d[2] = l[2] >> 4 | l[3] << 58;
	inverse->d[3] = l[3] >> 6 | l[4] << 56;
	/* A product is cheap, and no fault above can then let a bad signature pass. */
	secp256k1_scalar_mul(&product, inverse, x);
	if (!secp256k1_scalar_is_one(&product)) secp256k1_scalar_inverse(inverse, x);
}

#endif
