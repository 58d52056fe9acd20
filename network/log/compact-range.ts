import { foldRight } from "./tiled-tree.js";
import type { TreeHasher } from "./tree-hash.js";

/** A subtree with 2^level leaves, the `index`-th of its level, from 0. */
export type OnNode = (level: number, index: number, hash: Uint8Array) => void;

/**
 * All that has to be known of a tree in order to append to it: its perfect subtrees from the left,
 * the largest first, at most 53 hashes.
 */
export class CompactRange {
  #size: number;
  readonly #nodes: Uint8Array[];
  readonly #tree: TreeHasher;

  /** `nodes`: the hashes of `perfectRanges` of a tree of `size` leaves. */
  constructor(tree: TreeHasher, size = 0, nodes: readonly Uint8Array[] = []) {
    this.#tree = tree;
    this.#size = size;
    this.#nodes = [...nodes];
  }

  get size(): number {
    return this.#size;
  }

  /** Appends a leaf's hash, and tells each subtree that is complete with it, from the leaf up. */
  append(leaf: Uint8Array, onNode: OnNode): void {
    let index = this.#size;
    let hash = leaf;
    onNode(0, index, hash);
    for (let level = 1; index % 2 === 1; level++) {
      hash = this.#tree.node(this.#nodes.pop() as Uint8Array, hash);
      index = (index - 1) / 2;
      onNode(level, index, hash);
    }
    this.#nodes.push(hash);
    this.#size++;
  }

  /** MTH of RFC 6962 §2.1. */
  root(): Uint8Array {
    return foldRight(this.#tree, this.#nodes);
  }

  copy(): CompactRange {
    return new CompactRange(this.#tree, this.#size, this.#nodes);
  }
}
