import { hex } from "../../agent/cose/kid.js";
import type { Position } from "../../agent/frame/chain.js";
import { DIGEST_BYTES, KID_BYTES } from "../../agent/frame/layout.js";
import type { Hasher } from "../../agent/ports/signer.js";
import { digestOf } from "../bytes.js";

/*
 * The inventory tree: one hash over a set of frames, from which any of them can be proved.
 *
 * A frame's key is its place, 24 bytes: kid, boot and sequence, 8 bytes each, big-endian. The tree is
 * binary, by the bits of the keys, the highest first, and has a node only where keys differ:
 *
 *   leaf = SHA-256(00 ‖ key ‖ SHA-256(frame))
 *   node = SHA-256(01 ‖ bit ‖ left ‖ right)     bit: the first one that differs, from 0, in one byte
 *
 * So the same set has the same tree, whatever came first; what one device adds changes the nodes
 * above it alone; and frames of a device are one subtree, whose bits are 64 and higher. The prefixes
 * 00 and 01 keep leaves and nodes apart, as RFC 6962 §2.1 does. Of no frames the root is SHA-256 of
 * nothing.
 */

export const KEY_BYTES = 24;
export const KEY_BITS = 8 * KEY_BYTES;
const LEAF = 0;
const NODE = 1;

/** A subtree: a key in it, of any length up to KEY_BYTES, and its hash. */
export interface Subtree {
  readonly key: Uint8Array;
  readonly hash: Uint8Array;
}

/** A step from a leaf towards the root: the node's bit, and the other half's hash. */
export interface Step {
  readonly bit: number;
  readonly sibling: Uint8Array;
}

/** Kid, boot and sequence as a key. */
export function keyOf(kid: Uint8Array, boot: number, sequence: number): Uint8Array {
  const key = new Uint8Array(KEY_BYTES);
  key.set(kid);
  const view = new DataView(key.buffer);
  view.setBigUint64(8, BigInt(boot));
  view.setBigUint64(16, BigInt(sequence));
  return key;
}

/** The reverse of `keyOf`; the kid in hex. */
export function positionOf(key: Uint8Array): Position & { readonly kid: string } {
  const view = new DataView(key.buffer, key.byteOffset, key.length);
  return {
    kid: hex(key.subarray(0, KID_BYTES)),
    boot: Number(view.getBigUint64(8)),
    sequence: Number(view.getBigUint64(16)),
  };
}

/** `digest`: SHA-256 of the frame. */
export function leafHash(key: Uint8Array, digest: Uint8Array, hasher: Hasher): Uint8Array {
  const input = new Uint8Array(1 + KEY_BYTES + DIGEST_BYTES);
  input[0] = LEAF;
  input.set(key, 1);
  input.set(digest, 1 + KEY_BYTES);
  return digestOf(input, hasher);
}

export function nodeHash(bit: number, left: Uint8Array, right: Uint8Array, hasher: Hasher): Uint8Array {
  const input = new Uint8Array(2 + 2 * DIGEST_BYTES);
  input[0] = NODE;
  input[1] = bit;
  input.set(left, 2);
  input.set(right, 2 + DIGEST_BYTES);
  return digestOf(input, hasher);
}

/**
 * The root over subtrees that do not overlap, in the order of their keys: leaves, or devices' roots.
 * In memory are as many hashes as the tree is deep. `target`: a key in one of them; `path` gets the
 * steps from that one to the root. Throws where keys are not in order.
 */
export function rootOf(
  subtrees: Iterable<Subtree>,
  hasher: Hasher,
  target?: Uint8Array,
  path: Step[] = [],
): Uint8Array {
  /** Halves that wait for the other one, with their nodes' bits: each higher than the one before. */
  const open: { readonly bit: number; readonly hash: Uint8Array; readonly isTarget: boolean }[] = [];
  let last: Uint8Array | undefined;
  let hash = digestOf(new Uint8Array(0), hasher);
  let isTarget = false;

  /** Closes all nodes whose bits are above `bit`. */
  function close(bit: number): void {
    for (let left = open.at(-1); left !== undefined && left.bit > bit; left = open.at(-1)) {
      open.pop();
      if (left.isTarget) path.push({ bit: left.bit, sibling: hash });
      if (isTarget) path.push({ bit: left.bit, sibling: left.hash });
      hash = nodeHash(left.bit, left.hash, hash, hasher);
      isTarget ||= left.isTarget;
    }
  }

  for (const subtree of subtrees) {
    if (last !== undefined) {
      const bit = firstDifference(last, subtree.key);
      if (bit === undefined || bitOf(subtree.key, bit) === 0)
        throw new Error("keys of an inventory are in order, and each is there once");
      close(bit);
      open.push({ bit, hash, isTarget });
    }
    last = subtree.key;
    hash = subtree.hash;
    isTarget = target !== undefined && isPrefix(subtree.key, target);
  }
  close(-1);
  return hash;
}

/** The root that a leaf's path leads to; undefined where it is no path. */
export function rootOfPath(
  key: Uint8Array,
  leaf: Uint8Array,
  path: readonly Step[],
  hasher: Hasher,
): Uint8Array | undefined {
  let hash = leaf;
  let last = KEY_BITS;
  for (const { bit, sibling } of path) {
    if (!Number.isInteger(bit) || bit < 0 || bit >= last || sibling.length !== DIGEST_BYTES) return undefined;
    hash =
      bitOf(key, bit) === 0 ? nodeHash(bit, hash, sibling, hasher) : nodeHash(bit, sibling, hash, hasher);
    last = bit;
  }
  return hash;
}

export function bitOf(key: Uint8Array, bit: number): number {
  return ((key[bit >> 3] as number) >> (7 - (bit & 7))) & 1;
}

export function firstDifference(a: Uint8Array, b: Uint8Array): number | undefined {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const difference = (a[at] as number) ^ (b[at] as number);
    if (difference !== 0) return 8 * at + Math.clz32(difference) - 24;
  }
  return undefined;
}

function isPrefix(key: Uint8Array, of: Uint8Array): boolean {
  for (let at = 0; at < key.length; at++) if (key[at] !== of[at]) return false;
  return true;
}
