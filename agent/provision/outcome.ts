import { utf8Length } from "../cbor/utf8.js";
import { CborWriter } from "../cbor/writer.js";
import { kidOfKey } from "../cose/kid.js";
import { writeSign1 } from "../cose/sign1.js";
import type { Signer } from "../ports/signer.js";

/** What became of an order, signed by the board's identity key: docs/provisioning.md. */
export const OUTCOME_TYPE = "application/vnd.fieldmark.outcome+cbor";

/**
 * `obeyed`: it is done. `on-trial`: new settings are in force for a time; later `kept` or `reverted` says how that ended. `refused`: nothing has
 * changed.
 */
export type OutcomeWord = "obeyed" | "on-trial" | "kept" | "reverted" | "refused";

export interface Outcome {
  /** That the board is in. */
  readonly network: string;
  /** The board's own. */
  readonly publicKey: Uint8Array;
  /** SHA-256 of the order, all bytes of it; empty where it was too long to be read. */
  readonly order: Uint8Array;
  /** The boot in which it came. */
  readonly boot: number;
  readonly outcome: OutcomeWord;
  /** Kid of the board's owner when the order came, and the ownership; empty where it had none. */
  readonly owner: Uint8Array;
  readonly ownership: Uint8Array;
  /** The highest counter of an order that the board has taken under that ownership; 0: none. */
  readonly last: number;
  /** Why, where it is `refused` or `reverted`; else empty. Repeats no value that was given. */
  readonly reason: string;
  /** The order's counter and verb, where the owner's key has signed it. */
  readonly signed?: { readonly counter: number; readonly verb: string } | undefined;
}

/** UTF-16 units of a reason, at most. */
const MAX_REASON = 240;
/** Of a verb: a board repeats no longer one. */
const MAX_VERB = 32;
/** All but the texts, at its longest. */
const OVERHEAD = 160;

/** `[network, key, order, boot, outcome, reason, owner, ownership, last, ? counter, ? verb]`, signed. */
export function writeOutcome(given: Outcome, signer: Signer): Uint8Array {
  const { network, publicKey, order, boot, outcome, owner, ownership, last, signed } = given;
  const reason = given.reason.length > MAX_REASON ? `${given.reason.slice(0, MAX_REASON)} …` : given.reason;
  const verb = signed === undefined || signed.verb.length > MAX_VERB ? "" : signed.verb;
  const room = OVERHEAD + network.length + utf8Length(reason) + utf8Length(verb);
  const writer = new CborWriter(new Uint8Array(room));
  writer.array(signed === undefined ? 9 : 11);
  writer.text(network);
  writer.bytes(publicKey);
  writer.bytes(order);
  writer.int(boot);
  writer.text(outcome);
  writer.text(reason);
  writer.bytes(owner);
  writer.bytes(ownership);
  writer.int(last);
  if (signed !== undefined) {
    writer.int(signed.counter);
    writer.text(verb);
  }
  const payload = writer.buffer.subarray(0, writer.offset);
  return writeSign1(OUTCOME_TYPE, kidOfKey(publicKey, signer), payload, signer);
}
