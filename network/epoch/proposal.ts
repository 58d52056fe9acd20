import type { Certificate } from "./certificate.js";
import type { EpochRecord } from "./record.js";
import type { SignedSay } from "./say.js";

/** What a slot's leader proposes. */
export interface Proposal {
  readonly record: EpochRecord;
  /** In their one encoding: SHA-256 of them stands in the record. */
  readonly inputs: Uint8Array;
  /** The leader's own vote for the record: it is its proposal by that. */
  readonly say: SignedSay;
  /** Votes for the record's parent; undefined: it is the first record. */
  readonly parent: Certificate | undefined;
  /** Of all slots between the parent's and its own. */
  readonly voids: readonly Certificate[];
}

/** The witness that leads a slot. */
export const leaderOf = (slot: number, witnesses: number): number => slot % witnesses;
