"""keccak-256, ECDSA on secp256k1 and Ed25519 in integers, for check-receipt.py.

Nothing of Fieldmark's code has a part in it, and of no library but Python's own. It is slow and
takes a time that depends on its input: for public things alone.
"""

import hashlib


class Refused(Exception):
    """What is wrong with a receipt."""


def check(condition, what):
    if not condition:
        raise Refused(what)


# --- Keccak-256, as Ethereum has it: the padding is 01, where SHA-3's is 06

MASK = 2**64 - 1


def rotate(lane, by):
    return (lane << by | lane >> (64 - by)) & MASK


def keccak_f(lanes):
    """The permutation of 1600 bits (FIPS 202 section 3.2 and 3.3); lanes[x][y], in place."""
    lfsr = 1
    for _ in range(24):
        parity = [a[0] ^ a[1] ^ a[2] ^ a[3] ^ a[4] for a in lanes]
        mix = [parity[(x + 4) % 5] ^ rotate(parity[(x + 1) % 5], 1) for x in range(5)]
        lanes = [[lane ^ mix[x] for lane in lanes[x]] for x in range(5)]
        x, y, moved = 1, 0, lanes[1][0]
        for t in range(24):
            x, y = y, (2 * x + 3 * y) % 5
            moved, lanes[x][y] = lanes[x][y], rotate(moved, (t + 1) * (t + 2) // 2 % 64)
        lanes = [
            [lanes[x][y] ^ (~lanes[(x + 1) % 5][y] & lanes[(x + 2) % 5][y]) for y in range(5)]
            for x in range(5)
        ]
        for j in range(7):
            if lfsr & 1:
                lanes[0][0] ^= 1 << (2**j - 1)
            lfsr = lfsr << 1 ^ (0x171 if lfsr & 0x80 else 0)
    return lanes


def keccak256(data):
    rate = 136
    padded = bytearray(data + bytes(rate - len(data) % rate))
    padded[len(data)] ^= 0x01
    padded[-1] ^= 0x80
    lanes = [[0] * 5 for _ in range(5)]
    for start in range(0, len(padded), rate):
        for i in range(rate // 8):
            word = padded[start + 8 * i : start + 8 * i + 8]
            lanes[i % 5][i // 5] ^= int.from_bytes(word, "little")
        lanes = keccak_f(lanes)
    return b"".join(lanes[i][0].to_bytes(8, "little") for i in range(4))


# --- secp256k1 (SEC 2 section 2.4.1); a point is (x, y), the one at infinity None

P = 2**256 - 2**32 - 977
N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
G = (
    0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,
    0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8,
)


def k1_add(a, b):
    if a is None or b is None:
        return a or b
    if a[0] == b[0]:
        if (a[1] + b[1]) % P == 0:
            return None
        slope = 3 * a[0] * a[0] * pow(2 * a[1], -1, P)
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, P)
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def k1_sum(a, point_a, b, point_b):
    """a * point_a + b * point_b, bit by bit."""
    both, result = k1_add(point_a, point_b), None
    for bit in range(255, -1, -1):
        result = k1_add(result, result)
        chosen = (a >> bit & 1) + 2 * (b >> bit & 1)
        result = k1_add(result, (None, point_a, point_b, both)[chosen])
    return result


def k1_lift(x, odd):
    """The point with this x and this parity of y."""
    square = (x**3 + 7) % P
    y = pow(square, (P + 1) // 4, P)
    check(x < P and y * y % P == square, "that is no point of secp256k1")
    return x, y if y % 2 == odd else P - y


def read_rs(signature):
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:64], "big")
    check(0 < r < N and 0 < s < N, "r or s of a signature is out of range")
    check(s <= N // 2, "a signature has a high s")
    return r, s


def k1_verify(key, digest, signature, what):
    r, s = read_rs(signature)
    e, w = int.from_bytes(digest, "big"), pow(s, -1, N)
    point = k1_sum(e * w % N, G, r * w % N, key)
    check(point is not None and point[0] % N == r, what)


def k1_recover(digest, signature, what):
    """The key of a signature of 65 bytes (SEC 1 section 4.1.6); v is 27 and the parity of R's y."""
    check(len(signature) == 65 and signature[64] in (27, 28), what)
    r, s = read_rs(signature)
    e, inverse = int.from_bytes(digest, "big"), pow(r, -1, N)
    return k1_sum(-e * inverse % N, G, s * inverse % N, k1_lift(r, signature[64] - 27))


# --- Ed25519

EP = 2**255 - 19
EL = 2**252 + 27742317777372353535851937790883648493
ED = -121665 * pow(121666, -1, EP) % EP


def ed_add(a, b):
    """Points in extended coordinates X, Y, Z, T (RFC 8032 section 5.1.4)."""
    p, q = (a[1] - a[0]) * (b[1] - b[0]), (a[1] + a[0]) * (b[1] + b[0])
    c, d = 2 * a[3] * b[3] * ED, 2 * a[2] * b[2]
    e, f, g, h = q - p, d - c, d + c, q + p
    return e * f % EP, g * h % EP, f * g % EP, e * h % EP


def ed_times(factor, point):
    result = (0, 1, 1, 0)
    for bit in range(factor.bit_length() - 1, -1, -1):
        result = ed_add(result, result)
        if factor >> bit & 1:
            result = ed_add(result, point)
    return result


def ed_point(data):
    """Section 5.1.3: y, with the sign of x in the highest bit."""
    value = int.from_bytes(data, "little")
    sign, y = value >> 255, value & (2**255 - 1)
    check(y < EP, "that is no point of Ed25519")
    square = (y * y - 1) * pow(ED * y * y + 1, -1, EP) % EP
    x = pow(square, (EP + 3) // 8, EP)
    if x * x % EP != square:
        x = x * pow(2, (EP - 1) // 4, EP) % EP
    check(x * x % EP == square and (x or not sign), "that is no point of Ed25519")
    x = x if x % 2 == sign else EP - x
    return x, y, 1, x * y % EP


def ed_verify(key, text, signature):
    check(len(signature) == 64, "a signature of the checkpoint has another length")
    r, a, s = ed_point(signature[:32]), ed_point(key), int.from_bytes(signature[32:], "little")
    check(s < EL, "s of the checkpoint's signature is out of range")
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + text).digest(), "little") % EL
    left, right = ed_times(s, ED_BASE), ed_add(r, ed_times(k, a))
    same = (left[0] * right[2] - right[0] * left[2]) % EP == 0
    check(same and (left[1] * right[2] - right[1] * left[2]) % EP == 0, "the log did not sign")


ED_BASE = ed_point((4 * pow(5, -1, EP) % EP).to_bytes(32, "little"))
