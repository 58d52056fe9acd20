import type { Hasher } from "../../agent/ports/signer.js";
import { firstDifference, KEY_BITS, leafHash, nodeHash } from "./tree.js";

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
