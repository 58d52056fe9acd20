import { DIGEST_BYTES } from "../../agent/frame/layout.js";
import type { Hasher } from "../../agent/ports/signer.js";
import { digestOf } from "../bytes.js";

// RFC 6962 §2.1: leaves and nodes are told apart by their first byte, or a node could pass as a leaf.
const LEAF = 0;
const NODE = 1;

/** The hashes of an RFC 6962 tree, 32 bytes each. Whoever gets one may keep it. */
export interface TreeHasher {
  /** MTH of no entries. */
  readonly empty: Uint8Array;
  /** SHA-256(0x00 ‖ entry). */
  leaf(entry: Uint8Array): Uint8Array;
  /** SHA-256(0x01 ‖ left ‖ right). */
  node(left: Uint8Array, right: Uint8Array): Uint8Array;
}

/** Makes the hashes of RFC 6962 §2.1 of SHA-256. */
export function createTreeHasher(hasher: Hasher): TreeHasher {
  const pair = new Uint8Array(1 + 2 * DIGEST_BYTES);
  pair[0] = NODE;
  return {
    empty: digestOf(new Uint8Array(0), hasher),
    leaf(entry) {
      const input = new Uint8Array(1 + entry.length);
      input[0] = LEAF;
      input.set(entry, 1);
      return digestOf(input, hasher);
    },
    node(left, right) {
      pair.set(left, 1);
      pair.set(right, 1 + DIGEST_BYTES);
      return digestOf(pair, hasher);
    },
  };
}

/** Whether two hashes are the same. They are no secrets: the time that it takes may say where not. */
export function sameHash(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
