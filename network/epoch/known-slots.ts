import type { EpochStore, KeptSlot } from "../ports/epoch-store.js";
import type { Certificate } from "./certificate.js";
import { nameOf } from "./say.js";
import type { Certified, Parent } from "./slot-rules.js";
import { SlotState } from "./slot-state.js";

/** What the next record is built on. */
export interface Base {
  readonly parent: Parent;
  /** Undefined: the beginning. */
  readonly kept: KeptSlot | undefined;
}

/** What is known of all slots: those behind the last settled one, and what the store has of others. */
export class KnownSlots implements Certified {
  readonly #store: EpochStore;
  readonly #quorum: number;
  readonly #open = new Map<number, SlotState>();

  constructor(store: EpochStore, quorum: number) {
    this.#store = store;
    this.#quorum = quorum;
  }

  get open(): readonly SlotState[] {
    return [...this.#open.values()];
  }

  /** The slot's state, to put something in. */
  state(slot: number): SlotState {
    let state = this.#open.get(slot);
    if (state === undefined) {
      state = new SlotState(slot, this.#quorum, this.#store.get(slot));
      this.#open.set(slot, state);
    }
    return state;
  }

  kept(slot: number): KeptSlot {
    return this.#open.get(slot)?.kept ?? this.#store.get(slot) ?? {};
  }

  keep(state: SlotState): void {
    this.#store.put(state.slot, state.kept);
  }

  /** Nothing more is put into slots up to this one. */
  close(slot: number): void {
    for (const state of this.#open.values()) if (state.slot <= slot) this.keep(state);
    for (const at of this.#open.keys()) if (at <= slot) this.#open.delete(at);
  }

  hasVotes(slot: number, record: string): boolean {
    const { votes } = this.kept(slot);
    return votes !== undefined && nameOf(votes.record) === record;
  }

  hasVoids(slot: number): boolean {
    return this.kept(slot).voids !== undefined;
  }

  /** The last voted record before a slot, with void slots alone behind it; undefined: that is not known. */
  baseOf(slot: number): Base | undefined {
    for (let at = slot - 1; at > 0; at--) {
      const kept = this.kept(at);
      const { votes, proposal, voids } = kept;
      if (votes !== undefined && proposal !== undefined)
        return { parent: { slot: at, record: nameOf(votes.record) }, kept };
      // A void slot may be passed over, also where a record has the votes.
      if (voids === undefined) return undefined;
    }
    return { parent: { slot: 0, record: undefined }, kept: undefined };
  }

  /** Slots in a row before this one that have no voted record. */
  voidsInRow(slot: number): number {
    let count = 0;
    while (slot - 1 - count > 0 && this.kept(slot - 1 - count).votes === undefined) count++;
    return count;
  }

  voidsBetween(from: number, until: number): Certificate[] {
    const slots = Array.from({ length: until - from - 1 }, (_, at) => from + 1 + at);
    return slots.flatMap((slot) => this.kept(slot).voids ?? []);
  }

  /** The first slot from `from` on of which not all is known that is needed to go on to `until`. */
  firstMissing(from: number, until: number): number {
    for (let slot = from; slot < until; slot++) {
      const { votes, voids, proposal } = this.kept(slot);
      if (votes === undefined ? voids === undefined : proposal === undefined) return slot;
    }
    return Math.min(from, until);
  }
}
