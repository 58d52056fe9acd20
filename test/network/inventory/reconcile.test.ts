import { createHash } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  type AskSubtrees,
  type Difference,
  differences,
  UnansweredError,
} from "../../../network/inventory/reconcile.js";
import { type Entry, hashOfShape, ListedTree, type Shape } from "../../../network/inventory/subtree.js";
import { KEY_BYTES, keyOf, leafHash, rootOf } from "../../../network/inventory/tree.js";
import { hasher } from "../../../node/ports/signer.js";

const sha = (text: string) => new Uint8Array(createHash("sha256").update(text).digest());
const ALL = { key: new Uint8Array(KEY_BYTES), bits: 0 };

/** A place of few, so that prefixes are long; and one of two frames at it. */
const one = fc.tuple(fc.nat(6), fc.nat(2), fc.nat(9), fc.nat(1));

function entriesOf(places: readonly (readonly [number, number, number, number])[]): Entry[] {
  const found = new Map<string, Entry>();
  for (const [device, boot, sequence, version] of places) {
    const key = keyOf(sha(`${device}`).subarray(0, 8), boot, sequence);
    found.set(Buffer.from(key).toString("hex"), { key, digest: sha(`${version}`) });
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry);
}

const rootOfEntries = (entries: readonly Entry[]) =>
  rootOf(
    entries.map(({ key, digest }) => ({ key, hash: leafHash(key, digest, hasher) })),
    hasher,
  );

const asking =
  (entries: readonly Entry[], depth: number): AskSubtrees =>
  async (prefixes) =>
    prefixes.map((prefix) => new ListedTree(entries, hasher).expand(prefix, depth));

async function found(own: readonly Entry[], theirs: readonly Entry[], ask: AskSubtrees) {
  const all: Difference[] = [];
  for await (const difference of differences(new ListedTree(own, hasher), rootOfEntries(theirs), ask, hasher))
    all.push(difference);
  return all.map(textOf).sort();
}

const hex = (bytes?: Uint8Array) => (bytes === undefined ? "-" : Buffer.from(bytes).toString("hex"));
const textOf = ({ key, own, theirs }: Difference) => `${hex(key)} ${hex(own)} ${hex(theirs)}`;

function expected(own: readonly Entry[], theirs: readonly Entry[]): string[] {
  const [ours, others] = [own, theirs].map(
    (list) => new Map(list.map(({ key, digest }) => [hex(key), hex(digest)])),
  ) as [Map<string, string>, Map<string, string>];
  return [...new Set([...ours.keys(), ...others.keys()])]
    .filter((key) => ours.get(key) !== others.get(key))
    .map((key) => `${key} ${ours.get(key) ?? "-"} ${others.get(key) ?? "-"}`)
    .sort();
}

describe("differences of two inventories", () => {
  test("a tree's shape has the tree's root, however deep it is cut", () => {
    fc.assert(
      fc.property(fc.array(one, { minLength: 1 }), fc.nat(12), (places, depth) => {
        const entries = entriesOf(places);
        const shape = new ListedTree(entries, hasher).expand(ALL, depth) as Shape;
        expect(hashOfShape(shape, hasher)).toEqual(rootOfEntries(entries));
      }),
    );
  });

  test("all of them, and nothing else", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(one),
        fc.array(one, { minLength: 1 }),
        fc.integer({ min: 1, max: 8 }),
        async (a, b, depth) => {
          const [own, theirs] = [entriesOf(a), entriesOf(b)];
          expect(await found(own, theirs, asking(theirs, depth))).toEqual(expected(own, theirs));
        },
      ),
    );
  });

  test("nothing is asked where nothing differs", async () => {
    const entries = entriesOf([[1, 1, 1, 0]]);
    const ask = () => Promise.reject(new Error("asked"));
    expect(await found(entries, entries, ask)).toEqual([]);
  });

  test("a peer that answers from another inventory than it signed is not believed", async () => {
    const signed = entriesOf([
      [1, 1, 1, 0],
      [1, 1, 2, 0],
      [2, 1, 1, 0],
    ]);
    const shown = entriesOf([
      [1, 1, 1, 0],
      [1, 1, 2, 1],
      [2, 1, 1, 0],
    ]);
    await expect(found([], signed, asking(shown, 8))).rejects.toThrow(UnansweredError);
  });

  test("a peer that says nothing, or only what was known, ends the walk", async () => {
    const theirs = entriesOf([
      [1, 1, 1, 0],
      [2, 1, 1, 0],
    ]);
    await expect(found([], theirs, async () => [])).rejects.toThrow(UnansweredError);
    await expect(found([], theirs, asking(theirs, 0))).rejects.toThrow(UnansweredError);
  });
});
