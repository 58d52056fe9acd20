import { hex, isSameBytes, kidOfKey } from "../cose/kid.js";
import { InputError } from "../input-error.js";
import type { KeyValue } from "../ports/key-value.js";
import type { Random } from "../ports/random.js";
import type { Hasher } from "../ports/signer.js";

/** Where the owner is kept: the public key of 33 bytes, compressed, and the ownership of OWNERSHIP_BYTES. */
const KEY = "owner";
const KEY_BYTES = 33;
/** What a board draws when it gets an owner: orders name it, so that none counts under another ownership. */
export const OWNERSHIP_BYTES = 8;

/** Why a board with an owner does not do what somebody at its wire asks. */
export const OWNERS_ALONE = "the board has an owner, whose key must sign this";

/** Whose signed commands count; undefined where the board has no owner. */
export function ownerOf(store: KeyValue): Uint8Array | undefined {
  return read(store)?.subarray(0, KEY_BYTES);
}

/** Empty where the board has no owner. */
export function ownershipOf(store: KeyValue): Uint8Array {
  return read(store)?.subarray(KEY_BYTES) ?? new Uint8Array(0);
}

/** The kid of the owner's key; empty where the board has no owner. */
export function ownerKid(store: KeyValue, hasher: Hasher): Uint8Array {
  const owner = ownerOf(store);
  return owner === undefined ? new Uint8Array(0) : kidOfKey(owner, hasher);
}

/** What a board says of its owner in its status: the kid of the owner's key in hex, or null where it has none. */
export function ownerName(store: KeyValue, hasher: Hasher): string | null {
  return ownerOf(store) === undefined ? null : hex(ownerKid(store, hasher));
}

/** And of the ownership: in hex, or undefined. */
export function ownershipName(store: KeyValue): string | undefined {
  return ownerOf(store) === undefined ? undefined : hex(ownershipOf(store));
}

/**
 * Durable when it returns. Whether the board had none before: then a new ownership begins. Throws InputError for what is no key, and where
 * the board has another owner: only a reset forgets that one.
 */
export function setOwner(store: KeyValue, publicKey: Uint8Array, random: Random): boolean {
  if (!isKey(publicKey)) throw new InputError("owner: not a compressed public key of secp256k1");
  const owner = ownerOf(store);
  if (owner !== undefined && isSameBytes(owner, publicKey)) return false;
  if (owner !== undefined)
    throw new InputError("owner: the board has another owner, whom only a factory reset makes it forget");
  const stored = new Uint8Array(KEY_BYTES + OWNERSHIP_BYTES);
  random.fill(stored.subarray(KEY_BYTES));
  stored.set(publicKey, 0);
  store.set(KEY, stored);
  return true;
}

export function forgetOwner(store: KeyValue): void {
  store.delete(KEY);
}

function read(store: KeyValue): Uint8Array | undefined {
  const stored = store.get(KEY);
  const isOwner = stored !== undefined && stored.length === KEY_BYTES + OWNERSHIP_BYTES;
  return isOwner && isKey(stored.subarray(0, KEY_BYTES)) ? stored : undefined;
}

/** SEC 1 §2.3.3. */
function isKey(bytes: Uint8Array): boolean {
  return bytes.length === KEY_BYTES && (bytes[0] === 2 || bytes[0] === 3);
}
