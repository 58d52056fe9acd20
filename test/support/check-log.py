"""An independent reader of a transparency log's files: nothing of Fieldmark's code has a part in it.

    check-log.py FOLDER VKEY < proofs.json

FOLDER has the files of C2SP's tlog-tiles; VKEY is the log's verifier key (C2SP signed-note). Reads
`checkpoint` and every bundle and tile below it, and checks the Ed25519 signature (by openssl), that
each tile is what its entries make it, and that the tree's root is the checkpoint's (RFC 6962 section
2.1). Standard input has proofs as JSON: {"inclusion": [{"index", "size", "hashes"}], "consistency":
[{"old", "size", "hashes"}]}, hashes in base64; each is checked by the algorithms of RFC 9162 section
2.1.3.2 and 2.1.4.2 against roots that are made from the entries. Prints one line of JSON; what is
wrong goes to standard error, with exit code 1.
"""

import base64
import hashlib
import json
import os
import subprocess
import sys
import tempfile

# SubjectPublicKeyInfo of an Ed25519 key before its 32 bytes (RFC 8410 section 4).
SPKI = bytes.fromhex("302a300506032b6570032100")


def check(condition, what):
    if not condition:
        raise SystemExit("check-log: " + what)


def sha256(data):
    return hashlib.sha256(data).digest()


def leaf_hash(entry):
    return sha256(b"\x00" + entry)


def node_hash(left, right):
    return sha256(b"\x01" + left + right)


def tree_hash(leaves):
    """MTH of RFC 6962 section 2.1, over leaf hashes."""
    if not leaves:
        return sha256(b"")
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return node_hash(tree_hash(leaves[:k]), tree_hash(leaves[k:]))


def read(folder, path):
    try:
        with open(os.path.join(folder, path), "rb") as file:
            return file.read()
    except FileNotFoundError:
        raise SystemExit("check-log: %s is missing" % path) from None


def resource(kind, index, width):
    """`tile/<kind>/<index>[.p/<width>]`, the index in groups of three digits."""
    digits = str(index)
    digits = digits.zfill((len(digits) + 2) // 3 * 3)
    groups = [digits[i : i + 3] for i in range(0, len(digits), 3)]
    name = "/".join(["x" + group for group in groups[:-1]] + groups[-1:])
    return "tile/%s/%s" % (kind, name) + ("" if width == 256 else ".p/%d" % width)


def pieces(count):
    """(index, width) of the tiles or bundles that hold `count` things."""
    return [(i // 256, min(256, count - i)) for i in range(0, count, 256)]


def read_bundle(data, width, path):
    entries = []
    at = 0
    while at < len(data):
        length = int.from_bytes(data[at : at + 2], "big")
        check(at + 2 + length <= len(data), path + " is cut short")
        entries.append(data[at + 2 : at + 2 + length])
        at += 2 + length
    check(len(entries) == width, "%s has %d entries" % (path, len(entries)))
    return entries


def read_vkey(vkey):
    name, key_id, material = vkey.split("+", 2)
    key = base64.b64decode(material, validate=True)
    check(key[0] == 1 and len(key) == 33, "the key is not Ed25519")
    check(sha256(name.encode() + b"\n" + key)[:4].hex() == key_id, "the key id is not the key's")
    return name, bytes.fromhex(key_id), key[1:]


def verify(public, text, signature):
    with tempfile.TemporaryDirectory() as folder:
        paths = {}
        for name, data in (("key", SPKI + public), ("text", text), ("signature", signature)):
            paths[name] = os.path.join(folder, name)
            with open(paths[name], "wb") as file:
                file.write(data)
        command = ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER"]
        command += ["-inkey", paths["key"], "-rawin", "-in", paths["text"]]
        command += ["-sigfile", paths["signature"]]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0


def read_checkpoint(note, vkey):
    name, key_id, public = read_vkey(vkey)
    text, _, signatures = note.rpartition(b"\n\n")
    text += b"\n"
    verified = False
    for line in signatures.decode().splitlines():
        dash, signer, blob = line.split(" ")
        raw = base64.b64decode(blob, validate=True)
        if dash == "\u2014" and signer == name and raw[:4] == key_id:
            check(verify(public, text, raw[4:]), "the signature is wrong")
            verified = True
    check(verified, "the log did not sign it")
    origin, size, root = text.decode().splitlines()[:3]
    check(origin == name, "the origin is another one")
    return int(size), base64.b64decode(root, validate=True)


def check_inclusion(leaves, proof):
    """RFC 9162 section 2.1.3.2."""
    index, size = proof["index"], proof["size"]
    check(index < size <= len(leaves), "a proof beyond the tree")
    fn, sn, r = index, size - 1, leaves[index]
    for p in (base64.b64decode(h, validate=True) for h in proof["hashes"]):
        check(sn != 0, "an inclusion proof is too long")
        if fn & 1 or fn == sn:
            r = node_hash(p, r)
            while not fn & 1 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = node_hash(r, p)
        fn, sn = fn >> 1, sn >> 1
    check(sn == 0 and r == tree_hash(leaves[:size]), "entry %d in %d is not proved" % (index, size))


def check_consistency(leaves, proof):
    """RFC 9162 section 2.1.4.2."""
    first, second = proof["old"], proof["size"]
    hashes = [base64.b64decode(h, validate=True) for h in proof["hashes"]]
    old, new = tree_hash(leaves[:first]), tree_hash(leaves[:second])
    if first == 0 or first == second:
        check(not hashes and (first == 0 or old == new), "a proof where none is needed")
        return
    if first & (first - 1) == 0:
        hashes.insert(0, old)
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = hashes[0]
    for c in hashes[1:]:
        check(sn != 0, "a consistency proof is too long")
        if fn & 1 or fn == sn:
            fr, sr = node_hash(c, fr), node_hash(c, sr)
            while not fn & 1 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node_hash(sr, c)
        fn, sn = fn >> 1, sn >> 1
    check(sn == 0 and fr == old and sr == new, "%d to %d is not proved" % (first, second))


def main(folder, vkey):
    size, root = read_checkpoint(read(folder, "checkpoint"), vkey)
    entries = []
    for index, width in pieces(size):
        path = resource("entries", index, width)
        entries += read_bundle(read(folder, path), width, path)
    leaves = [leaf_hash(entry) for entry in entries]
    check(tree_hash(leaves) == root, "the root is not that of the entries")
    hashes, level, tiles = leaves, 0, 0
    while hashes:
        for index, width in pieces(len(hashes)):
            path = resource(str(level), index, width)
            wanted = b"".join(hashes[index * 256 : index * 256 + width])
            check(read(folder, path) == wanted, path + " is not what its entries make it")
            tiles += 1
        full = len(hashes) // 256
        hashes = [tree_hash(hashes[i * 256 : i * 256 + 256]) for i in range(full)]
        level += 1
    proofs = json.load(sys.stdin)
    for proof in proofs["inclusion"]:
        check_inclusion(leaves, proof)
    for proof in proofs["consistency"]:
        check_consistency(leaves, proof)
    told = {"size": size, "root": root.hex(), "tiles": tiles}
    told["proofs"] = len(proofs["inclusion"]) + len(proofs["consistency"])
    print(json.dumps(told))


main(*sys.argv[1:])
