import { isSameBytes } from "../../agent/cose/kid.js";
import type { Hasher } from "../../agent/ports/signer.js";
import { digestOf } from "../bytes.js";

/** Random bytes in a challenge, and as many of the hash that binds them to an owner. */
export const NONCE_BYTES = 16;

/**
 * The challenge by which a board's statement is one owner's: `nonce`, then the first 16 bytes of
 * SHA-256 of nonce and owner's key (33 bytes). A board signs it without knowing the owner yet, and
 * whoever copies the statement out of somebody's enrolment cannot enrol the device with it.
 */
export function ownersChallenge(nonce: Uint8Array, owner: Uint8Array, hasher: Hasher): Uint8Array {
  const input = new Uint8Array(NONCE_BYTES + owner.length);
  input.set(nonce, 0);
  input.set(owner, NONCE_BYTES);
  const digest = digestOf(input, hasher);
  const challenge = new Uint8Array(2 * NONCE_BYTES);
  challenge.set(nonce, 0);
  challenge.set(digest.subarray(0, NONCE_BYTES), NONCE_BYTES);
  return challenge;
}

/** Whether a statement over `challenge` was asked for by, or for, this owner. */
export function isOwnersChallenge(challenge: Uint8Array, owner: Uint8Array, hasher: Hasher): boolean {
  const nonce = challenge.subarray(0, NONCE_BYTES);
  return nonce.length === NONCE_BYTES && isSameBytes(challenge, ownersChallenge(nonce, owner, hasher));
}
