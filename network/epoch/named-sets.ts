import { hex } from "../../agent/cose/kid.js";
import { comparePositions } from "../../agent/frame/chain.js";
import type { Hasher } from "../../agent/ports/signer.js";
import { digestOf } from "../bytes.js";
import type { Difference } from "../inventory/reconcile.js";
import { positionOf } from "../inventory/tree.js";
import type { FrameSource, InventoryFrame, InventorySets } from "../ports/inventory-sets.js";

/** Frames that one's own inventory of an epoch has. */
export interface OwnFrames {
  /** In hex, in rising order, each once. */
  kids(): Iterable<string>;
  /** Of a device, in the order of signing. */
  frames(kid: string): readonly HeldFrame[];
}

export interface HeldFrame extends InventoryFrame {
  readonly bytes: Uint8Array;
}

/** Digests of a device's places at which an inventory differs; undefined: it has nothing there. */
type Changes = ReadonlyMap<string, InventoryFrame & { readonly isGone: boolean }>;

/**
 * What each named inventory has: the own one, less and plus what differs. Asked device by device, as
 * the rules do, it reads each own frame once.
 */
export class NamedSets implements InventorySets, FrameSource {
  readonly #own: OwnFrames;
  /** By witness and kid. */
  readonly #changes = new Map<number, Map<string, Changes>>();
  readonly #fetched = new Map<string, Uint8Array>();
  readonly #hasher: Hasher;
  /** Of the device that was asked for last: its frames, and these by digest. */
  #kid = "";
  #frames: readonly HeldFrame[] = [];
  readonly #digests = new Map<string, Uint8Array>();

  constructor(own: OwnFrames, hasher: Hasher) {
    this.#own = own;
    this.#hasher = hasher;
  }

  /** How a witness's inventory differs from the own one. */
  differs(witness: number, differences: Iterable<Difference>): void {
    const devices = new Map<string, Map<string, InventoryFrame & { isGone: boolean }>>();
    for (const { key, own, theirs } of differences) {
      const { kid, boot, sequence } = positionOf(key);
      const changes = devices.get(kid) ?? new Map();
      devices.set(kid, changes);
      const digest = theirs ?? (own as Uint8Array);
      changes.set(`${boot}/${sequence}`, { boot, sequence, digest, isGone: theirs === undefined });
    }
    this.#changes.set(witness, devices);
  }

  /** A frame that others have. */
  add(bytes: Uint8Array): void {
    this.#fetched.set(hex(digestOf(bytes, this.#hasher)), bytes);
  }

  kids(): Iterable<string> {
    const kids = new Set(this.#own.kids());
    for (const devices of this.#changes.values()) for (const kid of devices.keys()) kids.add(kid);
    return [...kids].sort();
  }

  frames(witness: number, kid: string): Iterable<InventoryFrame> {
    this.#look(kid);
    const changes = this.#changes.get(witness)?.get(kid);
    if (changes === undefined) return this.#frames;
    const kept = this.#frames.filter(({ boot, sequence }) => !changes.has(`${boot}/${sequence}`));
    const added = [...changes.values()].filter(({ isGone }) => !isGone);
    return [...kept, ...added].sort(comparePositions);
  }

  frame(digest: Uint8Array): Uint8Array | undefined {
    const name = hex(digest);
    return this.#digests.get(name) ?? this.#fetched.get(name);
  }

  #look(kid: string): void {
    if (kid === this.#kid) return;
    this.#kid = kid;
    this.#frames = this.#own.frames(kid);
    this.#digests.clear();
    for (const { digest, bytes } of this.#frames) this.#digests.set(hex(digest), bytes);
  }
}
