import { compareBytes } from "../../agent/cbor/value.js";
import { hex, isSameBytes } from "../../agent/cose/kid.js";
import type { Clock, Timer } from "../../agent/ports/clock.js";
import type { Hasher } from "../../agent/ports/signer.js";
import { digestOf } from "../bytes.js";
import { fetchFrames, type Wanted } from "../inventory/fetch-frames.js";
import { MAX_PLACES } from "../inventory/frames-wire.js";
import { ListedTree } from "../inventory/listed-tree.js";
import { differences, MAX_DIFFERENCES } from "../inventory/reconcile.js";
import { hashOfShape } from "../inventory/subtree.js";
import { KEY_BYTES, positionOf } from "../inventory/tree.js";
import type { InventoryLink } from "../ports/inventory-link.js";
import type { Subscribe, SubscriberHandler } from "../ports/subscription.js";
import type { WitnessStore } from "../ports/witness-store.js";
import type { KeptTrees } from "./kept-trees.js";

/** Frames that are fetched from one peer in a round; the others in the next. */
const MAX_FETCHED = 1 << 16;
const ALL = { key: new Uint8Array(KEY_BYTES), bits: 0 };

/** A peer whose inventories are compared with the own ones. */
export interface ReconciledPeer {
  readonly name: string;
  readonly link: InventoryLink;
}

export interface ReconcilerParts {
  readonly clock: Clock;
  /** Seconds from one round to the next. */
  readonly every: number;
  readonly peers: readonly ReconciledPeer[];
  readonly trees: Pick<KeptTrees, "tree">;
  readonly store: Pick<WitnessStore, "frame">;
  readonly hasher: Hasher;
  readonly report: (line: string) => void;
}

/**
 * Fetches what peers' inventories of the epoch that closed last have and this witness has not, and
 * hands it over as a broker would: frames prove themselves. So a peer's root need not be proved here.
 */
export class Reconciler {
  /** One a peer. */
  readonly sources: readonly Subscribe[];
  readonly #parts: ReconcilerParts;
  /** By the peer's name: where its frames go. */
  readonly #handlers = new Map<string, SubscriberHandler>();
  /** Digests of what was handed over since the epoch closed, whatever was made of it. */
  readonly #given = new Set<string>();
  #epoch: number | undefined;
  #timer: Timer | undefined;
  #round: Promise<void> | undefined;
  #isOver = false;

  constructor(parts: ReconcilerParts) {
    this.#parts = parts;
    this.sources = parts.peers.map(({ name }) => (handler) => {
      this.#handlers.set(name, handler);
      const close = async () => {
        if (this.#handlers.get(name) === handler) this.#handlers.delete(name);
      };
      return { broker: name, subscribed: true, close };
    });
    this.#wait();
  }

  /** The own inventory of an epoch was signed. Returns at once. */
  closed(epoch: number): void {
    this.#epoch = epoch;
    this.#given.clear();
    this.#begin();
  }

  /** Resolves when nothing is under way any more: who ends it must end the links, too. */
  async close(): Promise<void> {
    this.#isOver = true;
    if (this.#timer !== undefined) this.#parts.clock.clearTimer(this.#timer);
    await this.#round;
  }

  #wait(): void {
    const { clock, every } = this.#parts;
    this.#timer = clock.setTimer(() => {
      this.#begin();
      this.#wait();
    }, every * 1000);
  }

  #begin(): void {
    const epoch = this.#epoch;
    if (this.#isOver || this.#round !== undefined || epoch === undefined) return;
    this.#round = this.#all(epoch).finally(() => {
      this.#round = undefined;
    });
  }

  async #all(epoch: number): Promise<void> {
    for (const peer of this.#parts.peers) {
      const count = await this.#reconcile(peer, epoch);
      if (count > 0) this.#parts.report(`${count} frames came from ${peer.name}`);
    }
  }

  /** How many frames were handed over. A peer that does not answer is told of elsewhere. */
  async #reconcile({ name, link }: ReconciledPeer, epoch: number): Promise<number> {
    const { hasher } = this.#parts;
    let count = 0;
    try {
      const missing = await this.#missing(link, epoch);
      let owed: (Promise<void> | undefined)[] = [];
      for await (const frame of fetchFrames(missing, new Map([[0, link]]), hasher)) {
        const handler = this.#handlers.get(name);
        if (this.#isOver || handler === undefined) break;
        // Of no topic: no broker brought it.
        owed.push(handler.frame(frame, ""));
        this.#given.add(hex(digestOf(frame, hasher)));
        count++;
        if (owed.length < MAX_PLACES) continue;
        await Promise.all(owed);
        owed = [];
      }
      await Promise.all(owed);
    } catch {
      // The frames that were not taken stay with the peer: they come in another round.
    }
    return count;
  }

  /** In the order of signing, as devices' chains are judged. */
  async #missing(link: InventoryLink, epoch: number): Promise<Wanted[]> {
    const { trees, hasher } = this.#parts;
    const own = trees.tree(epoch) ?? new ListedTree([], hasher);
    const [top] = await link.subtrees(epoch, [ALL]);
    if (top === undefined) return [];
    const root = hashOfShape(top, hasher);
    const ask: Parameters<typeof differences>[2] = (prefixes) => link.subtrees(epoch, prefixes);
    const missing: Wanted[] = [];
    try {
      for await (const { key, theirs } of differences(own, { root, frames: MAX_DIFFERENCES }, ask, hasher)) {
        if (this.#isOver) return [];
        if (theirs !== undefined && !this.#has(key, theirs))
          missing.push({ key, digest: theirs, holders: [0] });
        if (missing.length === MAX_FETCHED) break;
      }
    } catch {
      // What was found until here is as good as all else.
    }
    return missing.sort((a, b) => compareBytes(a.key, b.key));
  }

  #has(key: Uint8Array, digest: Uint8Array): boolean {
    const { store, hasher } = this.#parts;
    if (this.#given.has(hex(digest))) return true;
    const { kid, ...position } = positionOf(key);
    if (!Number.isSafeInteger(position.boot) || !Number.isSafeInteger(position.sequence)) return true;
    const kept = store.frame(kid, position);
    return kept !== undefined && isSameBytes(digestOf(kept.bytes, hasher), digest);
  }
}
