import { hex } from "../../agent/cose/kid.js";
import { KID_BYTES } from "../../agent/frame/layout.js";
import type { Hasher } from "../../agent/ports/signer.js";
import type { DeviceInventory } from "../ports/inventories.js";
import type { InventoryFrame } from "../ports/inventory-sets.js";
import { HashedKeys } from "./hashed-keys.js";
import { ListedTree } from "./listed-tree.js";
import type { Entry, InventoryTree, Prefix, Shape } from "./subtree.js";
import { keyOf, type Subtree } from "./tree.js";

const KID_BITS = 8 * KID_BYTES;

/** Frames of a device, by its kid in hex, in the order of signing. */
export type FramesOf = (kid: string) => readonly InventoryFrame[];

/**
 * The tree of an inventory that was kept: what is above devices is held, 72 bytes a device; what is
 * below one is made from its frames when it is asked for, and held until another is.
 */
export class KeptTree implements InventoryTree {
  readonly #devices: HashedKeys;
  readonly #frames: FramesOf;
  readonly #hasher: Hasher;
  #last: { readonly index: number; readonly tree: ListedTree } | undefined;

  /** `devices`: in the order of kids. */
  constructor(devices: Iterable<Pick<DeviceInventory, "kid" | "root">>, frames: FramesOf, hasher: Hasher) {
    this.#devices = new HashedKeys(KID_BYTES, subtreesOf(devices), hasher);
    this.#frames = frames;
    this.#hasher = hasher;
  }

  /** Devices in it. */
  get size(): number {
    return this.#devices.size;
  }

  expand(prefix: Prefix, depth: number): Shape | undefined {
    const [from, until] = this.#devices.below(prefix);
    if (from === until) return undefined;
    const isOne = until - from === 1;
    if (isOne && (depth > 0 || prefix.bits > KID_BITS)) return this.#device(from).expand(prefix, depth);
    return this.#shape(from, until, depth);
  }

  *entries(prefix: Prefix): Generator<Entry> {
    const [from, until] = this.#devices.below(prefix);
    for (let index = from; index < until; index++) yield* this.#device(index).entries(prefix);
  }

  /** Devices in it are not opened: so a question opens one at most. */
  #shape(from: number, until: number, depth: number): Shape {
    if (depth === 0 || until - from === 1) return { kind: "cut", hash: this.#devices.hash(from, until) };
    const [bit, middle] = this.#devices.middle(from, until);
    const left = this.#shape(from, middle, depth - 1);
    const key = keyOf(this.#devices.key(from), 0, 0);
    return { kind: "node", key, bit, left, right: this.#shape(middle, until, depth - 1) };
  }

  #device(index: number): ListedTree {
    if (this.#last?.index === index) return this.#last.tree;
    const kid = this.#devices.key(index);
    const entries = this.#frames(hex(kid)).map(({ boot, sequence, digest }) => ({
      key: keyOf(kid, boot, sequence),
      digest,
    }));
    const tree = new ListedTree(entries, this.#hasher);
    this.#last = { index, tree };
    return tree;
  }
}

function* subtreesOf(devices: Iterable<Pick<DeviceInventory, "kid" | "root">>): Generator<Subtree> {
  for (const { kid, root } of devices) yield { key: kid, hash: root };
}
