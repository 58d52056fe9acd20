import type { Hasher } from "../../agent/ports/signer.js";
import { HashedKeys } from "./hashed-keys.js";
import type { Entry, InventoryTree, Prefix, Shape } from "./subtree.js";
import { KEY_BYTES, leafHash } from "./tree.js";

/** The tree of entries that are in memory, in the order of their keys, each key once. */
export class ListedTree implements InventoryTree {
  readonly #entries: readonly Entry[];
  readonly #keys: HashedKeys;

  constructor(entries: readonly Entry[], hasher: Hasher) {
    this.#entries = entries;
    const leaves = entries.map(({ key, digest }) => ({ key, hash: leafHash(key, digest, hasher) }));
    this.#keys = new HashedKeys(KEY_BYTES, leaves, hasher);
  }

  expand(prefix: Prefix, depth: number): Shape | undefined {
    const [from, until] = this.#keys.below(prefix);
    return from === until ? undefined : this.#shape(from, until, depth);
  }

  entries(prefix: Prefix): Iterable<Entry> {
    return this.#entries.slice(...this.#keys.below(prefix));
  }

  #shape(from: number, until: number, depth: number): Shape {
    const first = this.#entries[from] as Entry;
    if (until - from === 1) return { kind: "leaf", ...first };
    if (depth === 0) return { kind: "cut", hash: this.#keys.hash(from, until) };
    const [bit, middle] = this.#keys.middle(from, until);
    const left = this.#shape(from, middle, depth - 1);
    return { kind: "node", key: first.key, bit, left, right: this.#shape(middle, until, depth - 1) };
  }
}
