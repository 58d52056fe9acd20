import { DIGEST_BYTES } from "../../agent/frame/layout.js";
import type { Hasher } from "../../agent/ports/signer.js";
import { isBelow, type Prefix } from "./subtree.js";
import { bitOf, firstDifference, nodeHash, type Subtree } from "./tree.js";

/**
 * The nodes over subtrees that do not overlap, each hashed once: so a question costs a search. It
 * holds a key and two hashes of each. A range of indexes stands for a node where `below` or `middle`
 * gave it.
 */
export class HashedKeys {
  readonly size: number;
  readonly #width: number;
  readonly #keys: Uint8Array;
  readonly #hashes: Uint8Array;
  /** Of the node that parts subtree i from subtree i + 1: there is one for each i. */
  readonly #nodes: Uint8Array;

  /** `width`: bytes of a key. `subtrees`: in the order of their keys. */
  constructor(width: number, subtrees: Iterable<Subtree>, hasher: Hasher) {
    this.#width = width;
    let [keys, hashes] = [new Uint8Array(width), new Uint8Array(DIGEST_BYTES)];
    let size = 0;
    for (const { key, hash } of subtrees) {
      keys = withRoom(keys, width * (size + 1));
      hashes = withRoom(hashes, DIGEST_BYTES * (size + 1));
      keys.set(key, width * size);
      hashes.set(hash, DIGEST_BYTES * size++);
    }
    this.size = size;
    this.#keys = keys.slice(0, width * size);
    this.#hashes = hashes.slice(0, DIGEST_BYTES * size);
    this.#nodes = new Uint8Array(DIGEST_BYTES * Math.max(0, size - 1));
    this.#hashNodes(hasher);
  }

  key(index: number): Uint8Array {
    return at(this.#keys, index, this.#width);
  }

  /** Of a prefix that is longer than a key, those which it is below. */
  below({ key: whole, bits: all }: Prefix): [from: number, until: number] {
    const prefix = { key: whole.subarray(0, this.#width), bits: Math.min(all, 8 * this.#width) };
    const isBehind = (key: Uint8Array) => {
      const bit = firstDifference(key, prefix.key);
      return bit !== undefined && bitOf(key, bit) === 1;
    };
    const from = this.#first(0, this.size, (key) => isBelow(key, prefix) || isBehind(key));
    return [from, this.#first(from, this.size, (key) => !isBelow(key, prefix) && isBehind(key))];
  }

  /** Of the node over a range of two and more: its bit, and the first index that is 1 there. */
  middle(from: number, until: number): [bit: number, index: number] {
    const bit = firstDifference(this.key(from), this.key(until - 1)) as number;
    return [bit, this.#first(from, until, (key) => bitOf(key, bit) === 1)];
  }

  hash(from: number, until: number): Uint8Array {
    if (until - from === 1) return at(this.#hashes, from, DIGEST_BYTES);
    return at(this.#nodes, this.middle(from, until)[1] - 1, DIGEST_BYTES);
  }

  /** As `rootOf` does, and keeps each node's hash. */
  #hashNodes(hasher: Hasher): void {
    const open: { readonly bit: number; readonly hash: Uint8Array; readonly index: number }[] = [];
    for (let index = 0; index < this.size; index++) {
      let hash = at(this.#hashes, index, DIGEST_BYTES);
      const isLast = index === this.size - 1;
      const bit = isLast ? -1 : (firstDifference(this.key(index), this.key(index + 1)) as number);
      for (let left = open.at(-1); left !== undefined && left.bit > bit; left = open.at(-1)) {
        open.pop();
        hash = nodeHash(left.bit, left.hash, hash, hasher);
        this.#nodes.set(hash, DIGEST_BYTES * left.index);
      }
      open.push({ bit, hash, index });
    }
  }

  /** The first index for whose key `is` holds, as it must for all behind it; `until` where for none. */
  #first(from: number, until: number, is: (key: Uint8Array) => boolean): number {
    let [low, high] = [from, until];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (is(this.key(middle))) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

const at = (all: Uint8Array, index: number, bytes: number) =>
  all.subarray(bytes * index, bytes * (index + 1));

function withRoom(bytes: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
  if (bytes.length >= length) return bytes;
  const longer = new Uint8Array(2 * bytes.length);
  longer.set(bytes);
  return longer;
}
