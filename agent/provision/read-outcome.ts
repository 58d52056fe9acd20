import { CborReader } from "../cbor/reader.js";
import { kidOfKey } from "../cose/kid.js";
import { readSign1 } from "../cose/sign1.js";
import { DIGEST_BYTES, KID_BYTES } from "../frame/layout.js";
import { InputError } from "../input-error.js";
import type { SignatureChecker } from "../ports/signer.js";
import { OUTCOME_TYPE, type Outcome, type OutcomeWord } from "./outcome.js";
import { OWNERSHIP_BYTES } from "./owner.js";

const WORDS: readonly string[] = [
  "obeyed",
  "on-trial",
  "kept",
  "reverted",
  "refused",
] satisfies OutcomeWord[];
const KEY_BYTES = 33;

/**
 * Reads what a board says of an order, and checks its signature and kid. Whether it is the board that was meant only the caller can say, by
 * `kid`. Throws CborError or InputError for what is none.
 *
 * The key stands in what it signs, so the payload is read first; nothing of it is returned unless the signature is good.
 */
export function readOutcome(document: Uint8Array, checker: SignatureChecker): Outcome & { kid: Uint8Array } {
  const outer = new CborReader(document);
  outer.tag();
  outer.array();
  outer.bytes();
  outer.map();
  const found = readPayload(outer.bytes());
  const { kid } = readSign1(OUTCOME_TYPE, document, found.publicKey, checker);
  const own = kidOfKey(found.publicKey, checker);
  if (!kid.every((byte, i) => byte === own[i])) throw new InputError("kid: is not this key's");
  return { ...found, kid };
}

function readPayload(payload: Uint8Array): Outcome {
  const reader = new CborReader(payload);
  const parts = reader.array();
  if (parts !== 9 && parts !== 11) reader.fail("unexpected", "an outcome has nine or eleven parts");
  const network = reader.text();
  const publicKey = reader.bytes();
  if (publicKey.length !== KEY_BYTES) reader.fail("unexpected", `a key has ${KEY_BYTES} bytes`);
  const order = reader.bytes();
  if (order.length !== 0 && order.length !== DIGEST_BYTES)
    reader.fail("unexpected", `an order's hash has ${DIGEST_BYTES} bytes`);
  const boot = reader.uint();
  const outcome = reader.text() as OutcomeWord;
  if (!WORDS.includes(outcome)) reader.fail("unexpected", `there is no outcome "${outcome}"`);
  const reason = reader.text();
  const owner = reader.bytes();
  const ownership = reader.bytes();
  const isOwned = owner.length === KID_BYTES && ownership.length === OWNERSHIP_BYTES;
  if (!isOwned && owner.length + ownership.length > 0) reader.fail("unexpected", "an owner of other lengths");
  const last = reader.uint();
  const signed = parts === 11 ? { counter: reader.uint(), verb: reader.text() } : undefined;
  reader.finish();
  return { network, publicKey, order, boot, outcome, reason, owner, ownership, last, signed };
}
