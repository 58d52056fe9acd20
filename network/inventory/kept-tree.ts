import { hex } from "../../agent/cose/kid.js";
import { DIGEST_BYTES, KID_BYTES } from "../../agent/frame/layout.js";
import type { Hasher } from "../../agent/ports/signer.js";
import type { DeviceInventory } from "../ports/inventories.js";
import type { InventoryFrame } from "../ports/inventory-sets.js";
import { type Entry, type InventoryTree, isBelow, ListedTree, type Prefix, type Shape } from "./subtree.js";
import { bitOf, firstDifference, keyOf, nodeHash } from "./tree.js";

const KID_BITS = 8 * KID_BYTES;

/** Frames of a device, by its kid in hex, in the order of signing. */
export type FramesOf = (kid: string) => readonly InventoryFrame[];

/**
 * The tree of an inventory that was kept: what is above devices is held, 72 bytes a device; what is
 * below one is made from its frames when it is asked for, and held until another is.
 */
export class KeptTree implements InventoryTree {
  readonly size: number;
  readonly #kids: Uint8Array;
  readonly #roots: Uint8Array;
  /** Of the node that parts device i from device i + 1: there is one for each i. */
  readonly #nodes: Uint8Array;
  readonly #frames: FramesOf;
  readonly #hasher: Hasher;
  #last: { readonly index: number; readonly tree: ListedTree } | undefined;

  /** `devices`: in the order of kids. */
  constructor(devices: Iterable<Pick<DeviceInventory, "kid" | "root">>, frames: FramesOf, hasher: Hasher) {
    let [kids, roots] = [new Uint8Array(KID_BYTES), new Uint8Array(DIGEST_BYTES)];
    let size = 0;
    for (const { kid, root } of devices) {
      kids = withRoom(kids, KID_BYTES * (size + 1));
      roots = withRoom(roots, DIGEST_BYTES * (size + 1));
      kids.set(kid, KID_BYTES * size);
      roots.set(root, DIGEST_BYTES * size++);
    }
    this.size = size;
    this.#kids = kids.slice(0, KID_BYTES * size);
    this.#roots = roots.slice(0, DIGEST_BYTES * size);
    this.#nodes = new Uint8Array(DIGEST_BYTES * Math.max(0, size - 1));
    this.#frames = frames;
    this.#hasher = hasher;
    this.#hashNodes();
  }

  expand(prefix: Prefix, depth: number): Shape | undefined {
    const [from, until] = this.#below(prefix);
    if (from === until) return undefined;
    const isOne = until - from === 1;
    if (isOne && (depth > 0 || prefix.bits > KID_BITS)) return this.#device(from).expand(prefix, depth);
    return this.#shape(from, until, depth);
  }

  *entries(prefix: Prefix): Generator<Entry> {
    const [from, until] = this.#below(prefix);
    for (let index = from; index < until; index++) yield* this.#device(index).entries(prefix);
  }

  /** Devices in it are not opened: so a question opens one at most. */
  #shape(from: number, until: number, depth: number): Shape {
    if (until - from === 1) return { kind: "cut", hash: at(this.#roots, from, DIGEST_BYTES) };
    const first = this.#kid(from);
    const bit = firstDifference(first, this.#kid(until - 1)) as number;
    const middle = firstFrom(from, until, (index) => bitOf(this.#kid(index), bit) === 1);
    if (depth === 0) return { kind: "cut", hash: at(this.#nodes, middle - 1, DIGEST_BYTES) };
    const left = this.#shape(from, middle, depth - 1);
    return { kind: "node", key: keyOf(first, 0, 0), bit, left, right: this.#shape(middle, until, depth - 1) };
  }

  #device(index: number): ListedTree {
    if (this.#last?.index === index) return this.#last.tree;
    const kid = this.#kid(index);
    const entries = this.#frames(hex(kid)).map(({ boot, sequence, digest }) => ({
      key: keyOf(kid, boot, sequence),
      digest,
    }));
    const tree = new ListedTree(entries, this.#hasher);
    this.#last = { index, tree };
    return tree;
  }

  #kid(index: number): Uint8Array {
    return at(this.#kids, index, KID_BYTES);
  }

  /** The devices of a prefix. */
  #below({ key, bits }: Prefix): [from: number, until: number] {
    const prefix = { key: key.subarray(0, KID_BYTES), bits: Math.min(bits, KID_BITS) };
    const isBehind = (kid: Uint8Array) => {
      const bit = firstDifference(kid, prefix.key);
      return bit !== undefined && bitOf(kid, bit) === 1;
    };
    const from = firstFrom(0, this.size, (index) => {
      const kid = this.#kid(index);
      return isBelow(kid, prefix) || isBehind(kid);
    });
    const until = firstFrom(from, this.size, (index) => {
      const kid = this.#kid(index);
      return !isBelow(kid, prefix) && isBehind(kid);
    });
    return [from, until];
  }

  /** As `rootOf` does, and keeps each node's hash. */
  #hashNodes(): void {
    const open: { readonly bit: number; readonly hash: Uint8Array; readonly index: number }[] = [];
    for (let index = 0; index < this.size; index++) {
      let hash: Uint8Array = at(this.#roots, index, DIGEST_BYTES);
      const isLast = index === this.size - 1;
      const bit = isLast ? -1 : (firstDifference(this.#kid(index), this.#kid(index + 1)) as number);
      for (let left = open.at(-1); left !== undefined && left.bit > bit; left = open.at(-1)) {
        open.pop();
        hash = nodeHash(left.bit, left.hash, hash, this.#hasher);
        this.#nodes.set(hash, DIGEST_BYTES * left.index);
      }
      open.push({ bit, hash, index });
    }
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

/** The first index for which `is` holds, as it must for all behind it; `until` where there is none. */
function firstFrom(from: number, until: number, is: (index: number) => boolean): number {
  let [low, high] = [from, until];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (is(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
