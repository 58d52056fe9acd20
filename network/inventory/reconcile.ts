import { isSameBytes } from "../../agent/cose/kid.js";
import { DIGEST_BYTES } from "../../agent/frame/layout.js";
import type { Hasher } from "../../agent/ports/signer.js";
import { hashOfShape, type InventoryTree, isBelow, type Prefix, type Shape } from "./subtree.js";
import { bitOf, KEY_BITS, KEY_BYTES } from "./tree.js";

/** Queries in one question to a peer. */
export const MAX_QUERIES = 256;

/** Asks a peer what is below each prefix, in their order; undefined where it does not say. */
export type AskSubtrees = (prefixes: readonly Prefix[]) => Promise<readonly (Shape | undefined)[]>;

/** A place at which two inventories differ: the frames' digests, where there are frames. */
export interface Difference {
  readonly key: Uint8Array;
  readonly own?: Uint8Array;
  readonly theirs?: Uint8Array;
}

/** A peer does not say what is below the root that it signed, or says something else. */
export class UnansweredError extends Error {}

/**
 * How a peer's inventory, whose root it signed, differs from the own one. Only subtrees that differ
 * are asked for, the deepest first, so that few wait. What comes is checked against the hash above it
 * before it is used: a liar can only be silent. Throws UnansweredError then, and whatever `ask`
 * throws: what came before is not to be relied on then, since a node's skipped bits are proved by its
 * leaves alone. Of an empty inventory nothing may be asked.
 */
export async function* differences(
  own: InventoryTree,
  root: Uint8Array,
  ask: AskSubtrees,
  hasher: Hasher,
): AsyncGenerator<Difference> {
  const waiting: { readonly prefix: Prefix; readonly hash: Uint8Array }[] = [];

  function* compare(prefix: Prefix, theirs: Shape): Generator<Difference> {
    const ours = own.expand(prefix, 0);
    if (ours !== undefined && isSameBytes(hashOfShape(ours, hasher), hashOfShape(theirs, hasher))) return;
    if (theirs.kind === "cut") {
      waiting.push({ prefix, hash: theirs.hash });
      return;
    }
    const { key } = theirs;
    const until = theirs.kind === "leaf" ? KEY_BITS : theirs.bit;
    for (let bit = prefix.bits; bit < until; bit++) yield* ownAlone(half(key, bit, 1 - bitOf(key, bit)));
    if (theirs.kind === "node") {
      yield* compare(half(key, until, 0), theirs.left);
      yield* compare(half(key, until, 1), theirs.right);
      return;
    }
    const [held] = own.entries({ key, bits: KEY_BITS });
    if (held !== undefined && isSameBytes(held.digest, theirs.digest)) return;
    yield { key, theirs: theirs.digest, ...(held === undefined ? {} : { own: held.digest }) };
  }

  function* ownAlone(prefix: Prefix): Generator<Difference> {
    for (const { key, digest } of own.entries(prefix)) yield { key, own: digest };
  }

  yield* compare({ key: new Uint8Array(KEY_BYTES), bits: 0 }, { kind: "cut", hash: root });
  while (waiting.length > 0) {
    const asked = waiting.splice(-MAX_QUERIES);
    const answers = await ask(asked.map(({ prefix }) => prefix));
    for (const [at, { prefix, hash }] of asked.entries()) {
      const shape = answers[at];
      if (shape === undefined || shape.kind === "cut" || !isWithin(shape, prefix))
        throw new UnansweredError("the peer does not say what is in its inventory");
      if (!isSameBytes(hashOfShape(shape, hasher), hash))
        throw new UnansweredError("what the peer says is not in the inventory that it signed");
      yield* compare(prefix, shape);
    }
  }
}

/** Whether all of a shape belongs below a prefix, and each node's bit is behind the one above it. */
function isWithin(shape: Shape, prefix: Prefix): boolean {
  if (shape.kind === "cut") return shape.hash.length === DIGEST_BYTES;
  if (shape.key.length !== KEY_BYTES || !isBelow(shape.key, prefix)) return false;
  if (shape.kind === "leaf") return shape.digest.length === DIGEST_BYTES;
  const { key, bit, left, right } = shape;
  if (!Number.isInteger(bit) || bit < prefix.bits || bit >= KEY_BITS) return false;
  return isWithin(left, half(key, bit, 0)) && isWithin(right, half(key, bit, 1));
}

/** The keys that are as `key` before `bit`, and have `value` there. */
function half(key: Uint8Array, bit: number, value: number): Prefix {
  const other = key.slice();
  const mask = 128 >> (bit & 7);
  const byte = other[bit >> 3] as number;
  other[bit >> 3] = value === 1 ? byte | mask : byte & ~mask;
  return { key: other, bits: bit + 1 };
}
