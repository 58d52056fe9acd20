import type { Certificate } from "../epoch/certificate.js";
import type { Proposal } from "../epoch/proposal.js";

/** What is proven about a slot, and goes to whoever is behind. */
export interface KeptSlot {
  readonly votes?: Certificate | undefined;
  /** That of the record with the votes. */
  readonly proposal?: Proposal | undefined;
  readonly voids?: Certificate | undefined;
  readonly finals?: Certificate | undefined;
}

/** Slots that are over, for good. */
export interface EpochStore {
  /** The highest slot of which something is kept; 0: none. */
  readonly last: number;
  get(slot: number): KeptSlot | undefined;
  /** In place of what is kept of that slot. Durable when it returns. */
  put(slot: number, kept: KeptSlot): void;
}
