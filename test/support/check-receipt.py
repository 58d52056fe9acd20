"""An independent checker of frame receipts: nothing of Fieldmark's code has a part in it.

    check-receipt.py < receipts.jsonl

Written from docs/network.md ("A frame receipt" and what it names) and docs/protocol.md (the frame)
with Python's standard library alone. Standard input has a receipt a line, as JSON. For each a line
of JSON is printed: {"ok": true, device, witness, network, epoch, boot, sequence, size}, or
{"ok": false, "why"}. The exit code is 1 where one was refused.
"""

import base64
import binascii
import hashlib
import json
import re
import sys

sys.dont_write_bytecode = True  # nothing is left beside the tests

from plain_crypto import (  # noqa: E402
    Refused,
    check,
    ed_verify,
    k1_lift,
    k1_recover,
    k1_verify,
    keccak256,
)

NETWORK = re.compile(r"[A-Za-z0-9][A-Za-z0-9:._-]{0,63}\Z")
MAX_FRAME = 4096
MAX_NOTE = 131072
MAX_SIGNATURES = 100
MAX_SAFE = 2**53 - 1


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


# --- The receipt's members


def members(holder, *names):
    check(isinstance(holder, dict) and set(holder) == set(names), "its members are others")


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
        members(step, "bit", "sibling")
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
    members(domain, "chain", "contract")
    chain, contract = number(domain, "chain"), decode(member(domain, "contract", str), 20)
    of_domain = keccak256(
        keccak256(
            b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
        )
        + keccak256(b"Fieldmark")
        + keccak256(b"1")
        + word(chain)
        + bytes(12)
        + contract
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
    check(not re.search("[\x00-\x09\x0b-\x1f]", note), "a control character in the checkpoint")
    body = text[:-1].split("\n")
    check(len(body) >= 3 and all(body), "the checkpoint's text has a line too few or an empty one")
    check(re.fullmatch(r"[^\s+]+", body[0]), "the checkpoint's origin is no name of a key")
    check(re.match(r"(0|[1-9][0-9]{0,15})\Z", body[1]), "the checkpoint's size is no number")
    origin = body[0].encode()
    key_id, signed = sha256(origin + b"\n\x01" + key)[:4], False
    lines = lines[:-1].split("\n")
    check(len(lines) <= MAX_SIGNATURES, "the checkpoint has too many signatures")
    for line in lines:
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
    members(receipt, "type", "network", "device", "witness", "frame", "domain", "inventory", "log")
    check(member(receipt, "type", str) == "fieldmark frame receipt 1", "that is no frame receipt")
    network = member(receipt, "network", str)
    check(NETWORK.match(network), "the network's name")
    device, witness = member(receipt, "device", str), member(receipt, "witness", str)
    frame = decode(member(receipt, "frame", str))
    boot, sequence = check_frame(frame, network, device)

    inventory = member(receipt, "inventory", dict)
    members(inventory, "epoch", "body", "signature", "path")
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
    members(log, "size", "index", "proof", "first", "firstProof", "checkpoint")
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
