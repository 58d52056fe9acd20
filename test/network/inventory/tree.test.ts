import { createHash } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  keyOf,
  leafHash,
  rootOf,
  rootOfPath,
  type Step,
  type Subtree,
} from "../../../network/inventory/tree.js";
import { hasher } from "../../../node/ports/signer.js";

const sha = (...parts: Uint8Array[]) =>
  new Uint8Array(createHash("sha256").update(Buffer.concat(parts)).digest());
const bits = (key: Uint8Array) => [...key].map((byte) => byte.toString(2).padStart(8, "0")).join("");

/** The tree's definition, word for word. */
function reference(leaves: readonly Subtree[], from = 0): Uint8Array {
  if (leaves.length === 0) return sha();
  if (leaves.length === 1) return (leaves[0] as Subtree).hash;
  for (let bit = from; ; bit++) {
    const left = leaves.filter(({ key }) => bits(key)[bit] === "0");
    const right = leaves.filter(({ key }) => bits(key)[bit] === "1");
    if (left.length === 0 || right.length === 0) continue;
    return sha(Uint8Array.of(1, bit), reference(left, bit + 1), reference(right, bit + 1));
  }
}

const leafOf = (key: Uint8Array): Subtree => ({ key, hash: leafHash(key, sha(key), hasher) });
const sorted = (leaves: Subtree[]) => leaves.sort((a, b) => Buffer.compare(a.key, b.key));

const arbitrary = fc
  .uniqueArray(
    fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 1 }), fc.integer({ min: 1, max: 3 }), fc.nat(300)),
    { maxLength: 40, selector: (one) => one.join() },
  )
  .map((places) =>
    sorted(
      places.map(([kid, boot, sequence]) =>
        leafOf(keyOf(Uint8Array.of(...kid, 1, 2, 3, 4, 5, 6, 7), boot, sequence)),
      ),
    ),
  );

describe("the inventory tree", () => {
  test("is what its definition says, for any set", () => {
    fc.assert(
      fc.property(arbitrary, (leaves) => {
        expect(rootOf(leaves, hasher)).toEqual(reference(leaves));
      }),
    );
  });

  test("has a path from each of its frames to the root, and none from others", () => {
    fc.assert(
      fc.property(arbitrary, fc.nat(), (leaves, pick) => {
        fc.pre(leaves.length > 0);
        const { key, hash } = leaves[pick % leaves.length] as Subtree;
        const path: Step[] = [];
        const root = rootOf(leaves, hasher, key, path);
        expect(rootOfPath(key, hash, path, hasher)).toEqual(root);
        const other = Uint8Array.from(key);
        other[23] = (other[23] as number) ^ 1;
        expect(rootOfPath(other, leafOf(other).hash, path, hasher)).not.toEqual(root);
        for (const [at, step] of path.entries()) {
          const changed = path.map((one, index) => (index === at ? { ...step, bit: step.bit - 1 } : one));
          expect(rootOfPath(key, hash, changed, hasher)).not.toEqual(root);
          expect(
            rootOfPath(
              key,
              hash,
              path.filter((_, index) => index !== at),
              hasher,
            ),
          ).not.toEqual(root);
        }
      }),
    );
  });

  test("is the same over devices' subtrees as over frames", () => {
    fc.assert(
      fc.property(arbitrary, fc.nat(), (leaves, pick) => {
        fc.pre(leaves.length > 0);
        const target = (leaves[pick % leaves.length] as Subtree).key;
        const kids = new Map<string, Subtree[]>();
        for (const leaf of leaves) {
          const kid = Buffer.from(leaf.key.subarray(0, 8)).toString("hex");
          kids.set(kid, [...(kids.get(kid) ?? []), leaf]);
        }
        const path: Step[] = [];
        const devices = [...kids.values()].map((frames) => {
          const { key } = frames[0] as Subtree;
          const isTarget = Buffer.compare(key.subarray(0, 8), target.subarray(0, 8)) === 0;
          return {
            key: key.subarray(0, 8),
            hash: rootOf(frames, hasher, isTarget ? target : undefined, path),
          };
        });
        const whole: Step[] = [];
        const root = rootOf(leaves, hasher, target, whole);
        expect(rootOf(devices, hasher, target, path)).toEqual(root);
        expect(path).toEqual(whole);
      }),
    );
  });

  test("refuses keys that are not in order, or there twice", () => {
    const [a, b] = [leafOf(keyOf(new Uint8Array(8), 1, 0)), leafOf(keyOf(new Uint8Array(8), 1, 1))];
    expect(() => rootOf([b, a], hasher)).toThrow("in order");
    expect(() => rootOf([a, a], hasher)).toThrow("in order");
  });
});
