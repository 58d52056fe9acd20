import { hex, isSameBytes } from "../../agent/cose/kid.js";
import type { StatementChecker } from "../ports/statement-keys.js";
import { type SayKind, sayDigest } from "../statement/statements.js";

/** What a witness says about a slot. */
export interface Say {
  readonly slot: number;
  readonly kind: SayKind;
  /** The record's hash, 32 bytes; NO_RECORD where the slot is void. */
  readonly record: Uint8Array;
}

export interface SignedSay extends Say {
  /** The witness's place in the description. */
  readonly witness: number;
  /** r‖s‖v, 65 bytes. */
  readonly signature: Uint8Array;
}

export const NO_RECORD = new Uint8Array(32);

/** Who may say something, and where it is valid. */
export interface Electorate {
  readonly network: string;
  /** EIP-712's separator. */
  readonly domain: Uint8Array;
  /** Compressed keys, in the order of the description. */
  readonly keys: readonly Uint8Array[];
  /** Statements that a certificate takes. */
  readonly quorum: number;
}

/** Whether a witness said this. Never throws. */
export function isSaid(say: SignedSay, { network, domain, keys }: Electorate, checker: StatementChecker) {
  const key = keys[say.witness];
  if (key === undefined || (say.kind === "void") !== isSameBytes(say.record, NO_RECORD)) return false;
  const signer = checker.recover(say.signature, sayDigest(domain, { network, ...say }));
  return signer !== undefined && isSameBytes(signer, key);
}

/** Whether one witness contradicts itself: what it can be slashed for (docs/network.md). */
export function isContradiction(one: Say & { witness: number }, other: Say & { witness: number }): boolean {
  if (one.witness !== other.witness || one.slot !== other.slot) return false;
  if (one.kind === other.kind) return !isSameBytes(one.record, other.record);
  const kinds = [one.kind, other.kind];
  return kinds.includes("void") && kinds.includes("final");
}

export const nameOf = (record: Uint8Array): string => hex(record);
