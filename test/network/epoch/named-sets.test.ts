import { expect, test } from "@jest/globals";
import { hex } from "../../../agent/cose/kid.js";
import { digestOf } from "../../../network/bytes.js";
import { type HeldFrame, NamedSets } from "../../../network/epoch/named-sets.js";
import { differences } from "../../../network/inventory/reconcile.js";
import { type Entry, ListedTree } from "../../../network/inventory/subtree.js";
import { KEY_BYTES, keyOf, positionOf } from "../../../network/inventory/tree.js";
import { hasher } from "../../../node/ports/signer.js";

const A = new Uint8Array(8).fill(1);
const B = new Uint8Array(8).fill(2);
const C = new Uint8Array(8).fill(3);

/** What stands at a place; `other`: something else. */
const bytesAt = (key: Uint8Array, other = 0) => Uint8Array.of(...key, other);
const entryAt = (kid: Uint8Array, boot: number, sequence: number, other = 0): Entry => {
  const key = keyOf(kid, boot, sequence);
  return { key, digest: digestOf(bytesAt(key, other), hasher) };
};
const treeOf = (...entries: Entry[]) =>
  new ListedTree(
    entries.sort((a, b) => (hex(a.key) < hex(b.key) ? -1 : 1)),
    hasher,
  );
const ALL = { key: new Uint8Array(KEY_BYTES), bits: 0 };
const textOf = (entry: Entry) => `${hex(entry.key)} ${hex(entry.digest)}`;

const MINE = treeOf(entryAt(A, 1, 0), entryAt(A, 1, 1), entryAt(A, 2, 0), entryAt(B, 1, 5), entryAt(B, 1, 6));

function own() {
  const held = new Map<string, HeldFrame[]>();
  for (const { key, digest } of MINE.entries(ALL)) {
    const { kid, boot, sequence } = positionOf(key);
    held.set(kid, [...(held.get(kid) ?? []), { boot, sequence, digest, bytes: bytesAt(key) }]);
  }
  return { kids: () => held.keys(), frames: (kid: string) => held.get(kid) ?? [] };
}

test.each([
  ["the same", MINE],
  [
    "one less, one more, one other",
    treeOf(entryAt(A, 1, 0), entryAt(A, 2, 0, 9), entryAt(B, 1, 5), entryAt(B, 1, 6), entryAt(B, 2, 0)),
  ],
  ["a device more", treeOf(...MINE.entries(ALL), entryAt(C, 7, 8))],
  ["a device less", treeOf(entryAt(B, 1, 5), entryAt(B, 1, 6))],
])("what a peer's inventory has follows from what differs: %s", async (_name, theirs) => {
  const sets = new NamedSets(own(), hasher);
  const [shape] = [theirs.expand(ALL, 0)];
  const root = shape?.kind === "cut" ? shape.hash : new Uint8Array(32);
  const found = [];
  const ask = async (prefixes: readonly { key: Uint8Array; bits: number }[]) =>
    prefixes.map((prefix) => theirs.expand(prefix, 3));
  for await (const one of differences(MINE, root, ask, hasher)) found.push(one);
  sets.differs(3, found);
  const has = [];
  for (const kid of sets.kids())
    for (const { boot, sequence, digest } of sets.frames(3, kid))
      has.push({ key: keyOf(Uint8Array.from(Buffer.from(kid, "hex")), boot, sequence), digest });
  expect(has.map(textOf)).toEqual([...theirs.entries(ALL)].map(textOf));
  // Whoever differs in nothing has what this one has.
  const mine = [...sets.kids()].flatMap((kid) => [...sets.frames(0, kid)]);
  expect(mine).toHaveLength(5);
});

test("frames are found by their digest: own ones of the device at hand, and fetched ones", () => {
  const sets = new NamedSets(own(), hasher);
  const { key, digest } = entryAt(A, 1, 0);
  expect(sets.frame(digest)).toBeUndefined();
  expect([...sets.frames(0, hex(A))]).toHaveLength(3);
  expect(sets.frame(digest)).toEqual(bytesAt(key));
  const other = entryAt(C, 1, 0);
  sets.add(bytesAt(other.key));
  expect(sets.frame(other.digest)).toEqual(bytesAt(other.key));
});
