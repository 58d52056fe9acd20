/*
 * What an honest witness may say about a slot: Simplex (Chan and Pass, eprint 2023/463) in the terms
 * of docs/network.md. These rules alone decide; test/network/epoch/slot-model.ts tries them in every
 * order of events.
 */

/** What a witness has signed about one slot. Records are named by their hashes in hex. */
export interface Signed {
  readonly vote?: string | undefined;
  readonly final?: string | undefined;
  readonly isVoid: boolean;
}

export const NOTHING_SIGNED: Signed = { isVoid: false };

/** One vote a slot, and none in a slot that was given up or is decided. */
export const mayVote = ({ vote, final, isVoid }: Signed): boolean =>
  vote === undefined && final === undefined && !isVoid;

/** Never beside a final: a settled slot must have no certificate of voids. */
export const mayVoid = ({ final, isVoid }: Signed): boolean => final === undefined && !isVoid;

/** For a record with a certificate of votes; never beside a void. */
export const mayFinal = ({ final, isVoid }: Signed): boolean => final === undefined && !isVoid;

/** What is certified, as far as a witness knows. */
export interface Certified {
  hasVotes(slot: number, record: string): boolean;
  hasVoids(slot: number): boolean;
}

/** A place to build on: a record, or the beginning, which is slot 0 and has no record. */
export interface Parent {
  readonly slot: number;
  readonly record: string | undefined;
}

/** A record of `slot` may follow a voted one, or the beginning, where all slots between are void. */
export function mayFollow({ slot: from, record }: Parent, slot: number, known: Certified): boolean {
  if (from >= slot || (record === undefined) !== (from === 0)) return false;
  if (record !== undefined && !known.hasVotes(from, record)) return false;
  for (let between = from + 1; between < slot; between++) if (!known.hasVoids(between)) return false;
  return true;
}

/** Statements that a certificate takes, at least: two of them share an honest witness. */
export const leastQuorum = (witnesses: number): number =>
  Math.floor((witnesses + Math.floor((witnesses - 1) / 3)) / 2) + 1;
