import { createHash } from "node:crypto";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { hex } from "../../../agent/cose/kid.js";
import { KeptTree } from "../../../network/inventory/kept-tree.js";
import { ListedTree } from "../../../network/inventory/listed-tree.js";
import { differences } from "../../../network/inventory/reconcile.js";
import { type Entry, hashOfShape } from "../../../network/inventory/subtree.js";
import {
  readQuestion,
  readShapes,
  SHOWN_DEPTH,
  writeQuestion,
  writeShapes,
} from "../../../network/inventory/subtree-wire.js";
import { KEY_BYTES, keyOf, leafHash, positionOf, rootOf } from "../../../network/inventory/tree.js";
import { hasher } from "../../../node/ports/signer.js";

const sha = (text: string) => new Uint8Array(createHash("sha256").update(text).digest());
const ALL = { key: new Uint8Array(KEY_BYTES), bits: 0 };
const leaves = (entries: readonly Entry[]) =>
  entries.map(({ key, digest }) => ({ key, hash: leafHash(key, digest, hasher) }));

const sets = fc.array(fc.tuple(fc.nat(40), fc.nat(2), fc.nat(5), fc.nat(1))).map((places) => {
  const found = new Map<string, Entry>();
  for (const [device, boot, sequence, version] of places) {
    const key = keyOf(sha(`${device}`).subarray(0, 8), boot, sequence);
    found.set(hex(key), { key, digest: sha(`${version}`) });
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry);
});

/** The tree over devices, as an inventory is kept. */
function keptOf(entries: readonly Entry[]): KeptTree {
  const devices = new Map<string, Entry[]>();
  for (const entry of entries) {
    const { kid } = positionOf(entry.key);
    devices.set(kid, [...(devices.get(kid) ?? []), entry]);
  }
  const roots = [...devices].map(([kid, frames]) => ({
    kid: Uint8Array.from(Buffer.from(kid, "hex")),
    root: rootOf(leaves(frames), hasher),
  }));
  const framesOf = (kid: string) =>
    (devices.get(kid) ?? []).map(({ key, digest }) => ({ ...positionOf(key), digest }));
  return new KeptTree(roots, framesOf, hasher);
}

test("a kept tree has the hashes and the entries of one over all frames, below any prefix", () => {
  fc.assert(
    fc.property(sets, fc.nat(), fc.nat(192), fc.nat(4), (entries, pick, bits, depth) => {
      const [kept, listed] = [keptOf(entries), new ListedTree(entries, hasher)];
      const { key } = entries[pick % entries.length] ?? ALL;
      for (const prefix of [ALL, { key, bits }]) {
        const [a, b] = [kept.expand(prefix, depth), listed.expand(prefix, depth)];
        expect(a && hashOfShape(a, hasher)).toEqual(b && hashOfShape(b, hasher));
        expect([...kept.entries(prefix)]).toEqual([...listed.entries(prefix)]);
      }
    }),
  );
});

test("what differs is found between kept trees, through the bytes of questions and answers", async () => {
  await fc.assert(
    fc.asyncProperty(sets, sets, async (mine, theirs) => {
      const peer = keptOf(theirs);
      const body = { root: rootOf(leaves(theirs), hasher), frames: theirs.length };
      const found: string[] = [];
      const ask = async (prefixes: Parameters<typeof writeQuestion>[0]) => {
        const asked = readQuestion(writeQuestion(prefixes)) ?? [];
        // One at a time: the others are asked for again.
        const shown = asked.slice(0, 1).map((prefix) => peer.expand(prefix, SHOWN_DEPTH));
        return readShapes(writeShapes(shown)) ?? [];
      };
      for await (const { key } of differences(keptOf(mine), body, ask, hasher)) found.push(hex(key));
      const [own, other] = [mine, theirs].map(
        (list) => new Map(list.map(({ key, digest }) => [hex(key), hex(digest)])),
      ) as [Map<string, string>, Map<string, string>];
      const expected = [...new Set([...own.keys(), ...other.keys()])];
      expect(found.sort()).toEqual(expected.filter((key) => own.get(key) !== other.get(key)).sort());
    }),
  );
});
