import type { Hasher } from "../../agent/ports/signer.js";
import { bitOf, firstDifference, KEY_BITS, leafHash, nodeHash, rootOf } from "./tree.js";

/** All keys whose first `bits` bits are those of `key`, which has KEY_BYTES. */
export interface Prefix {
  readonly key: Uint8Array;
  readonly bits: number;
}

/** A frame in an inventory: its place, KEY_BYTES, and SHA-256 of the frame. */
export interface Entry {
  readonly key: Uint8Array;
  readonly digest: Uint8Array;
}

/**
 * The upper part of a subtree; where it is cut there is a hash. Of a node, `key` is any key below it:
 * its first `bit` bits are those of all of them.
 */
export type Shape =
  | ({ readonly kind: "leaf" } & Entry)
  | { readonly kind: "cut"; readonly hash: Uint8Array }
  | {
      readonly kind: "node";
      readonly key: Uint8Array;
      readonly bit: number;
      readonly left: Shape;
      readonly right: Shape;
    };

/** An inventory tree that can be asked. */
export interface InventoryTree {
  /** What is below a prefix, `depth` nodes deep at most; undefined where nothing is. */
  expand(prefix: Prefix, depth: number): Shape | undefined;
  /** In the order of keys. */
  entries(prefix: Prefix): Iterable<Entry>;
}

export function hashOfShape(shape: Shape, hasher: Hasher): Uint8Array {
  if (shape.kind === "cut") return shape.hash;
  if (shape.kind === "leaf") return leafHash(shape.key, shape.digest, hasher);
  const { bit, left, right } = shape;
  return nodeHash(bit, hashOfShape(left, hasher), hashOfShape(right, hasher), hasher);
}

/** Whether a key is among those of a prefix. */
export function isBelow(key: Uint8Array, { key: of, bits }: Prefix): boolean {
  return (firstDifference(key, of) ?? KEY_BITS) >= bits;
}

/** The tree of entries that are in memory, in the order of their keys, each key once. */
export class ListedTree implements InventoryTree {
  readonly #entries: readonly Entry[];
  readonly #hasher: Hasher;

  constructor(entries: readonly Entry[], hasher: Hasher) {
    this.#entries = entries;
    this.#hasher = hasher;
  }

  expand(prefix: Prefix, depth: number): Shape | undefined {
    const found = this.#below(prefix);
    return found.length === 0 ? undefined : this.#shape(found, depth);
  }

  entries(prefix: Prefix): Iterable<Entry> {
    return this.#below(prefix);
  }

  #shape(entries: readonly Entry[], depth: number): Shape {
    const first = entries[0] as Entry;
    const bit = firstDifference(first.key, (entries.at(-1) as Entry).key);
    if (bit === undefined) return { kind: "leaf", ...first };
    if (depth === 0) {
      const leaves = entries.map(({ key, digest }) => ({ key, hash: leafHash(key, digest, this.#hasher) }));
      return { kind: "cut", hash: rootOf(leaves, this.#hasher) };
    }
    const middle = firstWhere(entries, ({ key }) => bitOf(key, bit) === 1);
    const left = this.#shape(entries.slice(0, middle), depth - 1);
    return { kind: "node", key: first.key, bit, left, right: this.#shape(entries.slice(middle), depth - 1) };
  }

  #below(prefix: Prefix): readonly Entry[] {
    const from = firstWhere(this.#entries, ({ key }) => isBelow(key, prefix) || isBehind(key, prefix.key));
    const until = firstWhere(this.#entries, ({ key }) => !isBelow(key, prefix) && isBehind(key, prefix.key));
    return this.#entries.slice(from, until);
  }
}

function isBehind(key: Uint8Array, other: Uint8Array): boolean {
  const bit = firstDifference(key, other);
  return bit !== undefined && bitOf(key, bit) === 1;
}

/** `is` must hold for all entries behind the first for which it does. */
function firstWhere(entries: readonly Entry[], is: (entry: Entry) => boolean): number {
  let [low, high] = [0, entries.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (is(entries[middle] as Entry)) high = middle;
    else low = middle + 1;
  }
  return low;
}
