"""An independent checker of frame receipts: nothing of Fieldmark's code has a part in it.

    check-receipt.py < receipts.jsonl

Written from docs/network.md ("A frame receipt" and what it names) and docs/protocol.md (the frame)
with Python's standard library alone. Standard input has a receipt a line, as JSON. For each a line
of JSON is printed: {"ok": true, device, witness, network, epoch, boot, sequence, size}, or
{"ok": false, "why"}. The exit code is 1 where one was refused.

keccak-256, ECDSA on secp256k1 (SEC 1 section 4.1) and Ed25519 (RFC 8032 section 5.1.7) are here
in integers. They are slow and take a time that depends on their input: for public things alone.
"""

import base64
import binascii
import hashlib
import json
import re
import sys

NETWORK = re.compile(r"[A-Za-z0-9][A-Za-z0-9:._-]{0,63}\Z")
MAX_FRAME = 4096
MAX_NOTE = 131072
MAX_SAFE = 2**53 - 1


class Refused(Exception):
    """What is wrong with a receipt."""


def check(condition, what):
    if not condition:
        raise Refused(what)


def sha256(data):
    return hashlib.sha256(data).digest()


# --- CBOR, RFC 8949 section 4.2.1: one encoding for each value, so what was read can be compared


class Tag:
    def __init__(self, number, value):
        self.number = number
        self.value = value


def cbor_head(data, at):
    """Major type, argument, and where the content begins."""
    check(at < len(data), "CBOR ends early")
    major, info = data[at] >> 5, data[at] & 31
    if info < 24:
        return major, info, at + 1
    check(info < 28, "CBOR with a reserved or indefinite length")
    width = 1 << (info - 24)
    check(at + 1 + width <= len(data), "CBOR ends early")
    value = int.from_bytes(data[at + 1 : at + 1 + width], "big")
    check(value >= (24 if width == 1 else 1 << (4 * width)), "CBOR with a longer head than needed")
    return major, value, at + 1 + width


def cbor_item(data, at, depth):
    check(depth < 8, "CBOR is too deep")
    major, value, at = cbor_head(data, at)
    if major == 0:
        return value, at
    if major == 1:
        return -1 - value, at
    if major in (2, 3):
        check(value <= len(data) - at, "CBOR ends early")
        content = data[at : at + value]
        try:
            return (content if major == 2 else content.decode("utf-8")), at + value
        except UnicodeDecodeError:
            raise Refused("a text in CBOR is not UTF-8") from None
    if major == 4:
        items = []
        for _ in range(value):
            item, at = cbor_item(data, at, depth + 1)
            items.append(item)
        return items, at
    if major == 5:
        entries, last = {}, b""
        for _ in range(value):
            start = at
            key, at = cbor_item(data, at, depth + 1)
            check(isinstance(key, (int, str, bytes)), "CBOR with a key of another kind")
            check(data[start:at] > last, "keys in CBOR are not in order")
            last = data[start:at]
            entries[key], at = cbor_item(data, at, depth + 1)
        return entries, at
    check(major == 6, "CBOR with a float or a simple value")
    item, at = cbor_item(data, at, depth + 1)
    return Tag(value, item), at


def read_cbor(data):
    item, end = cbor_item(data, 0, 0)
    check(end == len(data), "there are bytes behind the CBOR")
    return item


def write_head(major, value):
    for info, width in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if value < 24:
            return bytes([major << 5 | value])
        if value < 1 << (8 * width):
            return bytes([major << 5 | info]) + value.to_bytes(width, "big")
    raise Refused("a number is too large")


def write_cbor(value):
    """What an entry of a log and a Sig_structure are made of: numbers from 0, bytes, text, arrays."""
    if isinstance(value, int):
        return write_head(0, value)
    if isinstance(value, bytes):
        return write_head(2, len(value)) + value
    if isinstance(value, str):
        return write_head(3, len(value.encode())) + value.encode()
    return write_head(4, len(value)) + b"".join(write_cbor(item) for item in value)


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


# --- The receipt's members


def member(holder, name, kind):
    check(isinstance(holder, dict) and type(holder.get(name)) is kind, "%s is missing" % name)
    return holder[name]


def number(holder, name, limit=MAX_SAFE):
    value = member(holder, name, int)
    check(0 <= value <= limit, "%s is out of range" % name)
    return value


def decode(text, length=None):
    """Base64 with its padding, in its one form (RFC 4648 section 3.5)."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError, TypeError):
        raise Refused("that is not base64") from None
    check(base64.b64encode(data).decode() == text, "that is not base64 in its one form")
    check(length is None or len(data) == length, "bytes of another length")
    return data


def read_did(did):
    """The point of a did:key of secp256k1, and its 33 bytes: multibase z, multicodec e7 01."""
    check(re.match(r"did:key:z[1-9A-HJ-NP-Za-km-z]{1,60}\Z", did), "that is no did:key")
    value = 0
    for letter in did[9:]:
        alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
        value = value * 58 + alphabet.index(letter)
    check(value < 1 << 280 and value >> 264 == 0xE701, "that is no did:key of secp256k1")
    key = (value & (1 << 264) - 1).to_bytes(33, "big")
    check(key[0] in (2, 3), "that is no compressed key")
    return k1_lift(int.from_bytes(key[1:], "big"), key[0] - 2), key


# --- The steps, as docs/network.md has them


def check_frame(frame, network, device):
    """Step 1. Gives boot and sequence; what is in the pack is between the device and a judge."""
    check(len(frame) <= MAX_FRAME, "the frame is too long")
    point, key = read_did(device)
    outer = read_cbor(frame)
    check(isinstance(outer, Tag) and outer.number == 18, "the frame is no COSE_Sign1")
    parts = outer.value
    check(isinstance(parts, list) and len(parts) == 4, "the frame is no COSE_Sign1")
    protected, unprotected, payload, signature = parts
    check(all(type(part) is bytes for part in (protected, payload, signature)), "the frame's parts")
    check(unprotected == {} and len(signature) == 64, "the frame's parts")
    header = read_cbor(protected)
    check(isinstance(header, dict) and set(header) == {1, 3, 4, 15, -65537}, "the frame's header")
    check(header[1] == -47 and header[3] == 112, "the frame's header")
    check(header[4] == sha256(key)[:8], "the frame's kid is another device's")
    check(header[15] == {3: network}, "the frame is of another network")
    chain = header[-65537]
    check(isinstance(chain, list) and 5 <= len(chain) <= 7, "the frame's chain")
    boot, sequence = chain[:2]
    check(all(type(n) is int and 0 <= n <= MAX_SAFE for n in (boot, sequence)), "the frame's place")
    pack = read_cbor(payload)
    check(isinstance(pack, list) and pack and all(isinstance(r, dict) for r in pack), "the pack")
    signed = write_cbor(["Signature1", protected, b"", payload])
    k1_verify(point, sha256(signed), signature, "the device did not sign the frame")
    return boot, sequence


def check_path(frame, key, path, root):
    """Step 2: the inventory's tree, by the bits of places."""
    node, last = sha256(b"\x00" + key + sha256(frame)), 8 * len(key)
    for step in path:
        bit, sibling = number(step, "bit"), decode(member(step, "sibling", str), 32)
        check(bit < last, "the bits of the path do not fall")
        last = bit
        on_right = key[bit // 8] >> (7 - bit % 8) & 1 == 0
        pair = node + sibling if on_right else sibling + node
        node = sha256(b"\x01" + bytes([bit]) + pair)
    check(node == root, "the path does not lead to the inventory's root")


def word(value):
    return value.to_bytes(32, "big")


def statement_digest(domain, kind, *values):
    """EIP-712: 19 01, the domain's hash, the struct's; texts stand as their hashes."""
    chain, contract = number(domain, "chain"), member(domain, "contract", str)
    check(re.match(r"0x[0-9a-f]{40}\Z", contract), "the contract is no address")
    of_domain = keccak256(
        keccak256(
            b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
        )
        + keccak256(b"Fieldmark")
        + keccak256(b"1")
        + word(chain)
        + bytes(12)
        + bytes.fromhex(contract[2:])
    )
    return keccak256(b"\x19\x01" + of_domain + keccak256(keccak256(kind) + b"".join(values)))


def check_statement(witness, digest, signature, what):
    check(k1_recover(digest, signature, what) == witness, what)


def check_note(note, key):
    """Step 5: origin, size and root of a checkpoint that the log's key signed as its origin's."""
    check(len(note.encode()) <= MAX_NOTE, "the checkpoint is too long")
    text, separator, lines = note.rpartition("\n\n")
    check(separator and lines.endswith("\n"), "the checkpoint is no note")
    text += "\n"
    body = text.split("\n")
    check(len(body) >= 4 and body[0], "the checkpoint's text is too short")
    check(re.match(r"(0|[1-9][0-9]{0,15})\Z", body[1]), "the checkpoint's size is no number")
    origin = body[0].encode()
    key_id, signed = sha256(origin + b"\n\x01" + key)[:4], False
    for line in lines[:-1].split("\n"):
        parts = line.split(" ")
        check(len(parts) == 3 and parts[0] == "\u2014", "a line of the checkpoint is no signature")
        blob = decode(parts[2])
        if parts[1] == body[0] and blob[:4] == key_id:
            ed_verify(key, text.encode(), blob[4:])
            signed = True
    check(signed, "the checkpoint has no signature of the log")
    return int(body[1]), decode(body[2], 32)


def check_audit(entry, index, size, path, root):
    """Step 6: RFC 9162 section 2.1.3.2 is the algorithm for RFC 6962's audit paths."""
    check(index < size, "an entry's index is beyond the tree")
    node, fn, sn = sha256(b"\x00" + entry), index, size - 1
    for text in path:
        check(type(text) is str and sn > 0, "an audit path has another length")
        sibling = decode(text, 32)
        if fn & 1 or fn == sn:
            node = sha256(b"\x01" + sibling + node)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            node = sha256(b"\x01" + node + sibling)
        fn, sn = fn >> 1, sn >> 1
    check(sn == 0 and node == root, "an audit path does not lead to the checkpoint's root")


def check_receipt(receipt):
    check(member(receipt, "type", str) == "fieldmark frame receipt 1", "that is no frame receipt")
    network = member(receipt, "network", str)
    check(NETWORK.match(network), "the network's name")
    device, witness = member(receipt, "device", str), member(receipt, "witness", str)
    frame = decode(member(receipt, "frame", str))
    boot, sequence = check_frame(frame, network, device)

    inventory = member(receipt, "inventory", dict)
    body = decode(member(inventory, "body", str))
    fields = read_cbor(body)
    check(isinstance(fields, list) and len(fields) == 4, "the inventory's body")
    root, *numbers = fields
    check(type(root) is bytes and len(root) == 32, "the inventory's root")
    check(all(type(n) is int and 0 <= n <= MAX_SAFE for n in numbers), "the inventory's numbers")
    place = sha256(read_did(device)[1])[:8] + boot.to_bytes(8, "big") + sequence.to_bytes(8, "big")
    check_path(frame, place, member(inventory, "path", list), root)

    domain, epoch = member(receipt, "domain", dict), number(inventory, "epoch")
    signer, name_hash = read_did(witness)[0], keccak256(network.encode())
    kind = b"Inventory(string network,uint64 epoch,bytes32 body)"
    digest = statement_digest(domain, kind, name_hash, word(epoch), sha256(body))
    signature = decode(member(inventory, "signature", str))
    check_statement(signer, digest, signature, "the witness did not sign the inventory")

    log = member(receipt, "log", dict)
    first = decode(member(log, "first", str))
    entry = read_cbor(first)
    check(isinstance(entry, list) and len(entry) == 5, "the log's first entry")
    check(entry[0] == "witness" and entry[1] == network, "the log's first entry")
    name, key, signed = entry[2:]
    check(type(name) is str and type(key) is bytes and len(key) == 32, "the log's first entry")
    check(type(signed) is bytes, "the log's first entry")
    kind = b"Witness(string network,string name,bytes32 logKey)"
    digest = statement_digest(domain, kind, name_hash, keccak256(name.encode()), key)
    check_statement(signer, digest, signed, "the witness did not sign the log's first entry")

    size, tree = check_note(member(log, "checkpoint", str), key)
    check(number(log, "size") == size, "the checkpoint is of another size")
    index = number(log, "index")
    check_audit(first, 0, size, member(log, "firstProof", list), tree)
    entry = write_cbor(["inventory", epoch, body, signature])
    check_audit(entry, index, size, member(log, "proof", list), tree)
    said = {"device": device, "witness": witness, "network": network, "epoch": epoch}
    return {"ok": True, **said, "boot": boot, "sequence": sequence, "size": size}


def main():
    refused = False
    for line in sys.stdin:
        try:
            said = check_receipt(json.loads(line))
        except (Refused, ValueError, RecursionError) as error:
            said, refused = {"ok": False, "why": str(error)}, True
        print(json.dumps(said))
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
