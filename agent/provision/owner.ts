import { hex, kidOfKey } from "../frame/kid.js";
import type { KeyValue } from "../ports/key-value.js";
import type { Hasher } from "../ports/signer.js";

/** Where the owner's public key is kept: 33 bytes, compressed. */
const KEY = "owner";
const KEY_BYTES = 33;

/** Whose signed commands count; undefined where the board has no owner. */
export function ownerOf(store: KeyValue): Uint8Array | undefined {
  const key = store.get(KEY);
  return key !== undefined && isKey(key) ? key : undefined;
}

/** What a board says of its owner in its status: the kid of the owner's key in hex, or null where it has none. */
export function ownerKid(store: KeyValue, hasher: Hasher): string | null {
  const owner = ownerOf(store);
  return owner === undefined ? null : hex(kidOfKey(owner, hasher));
}

/** Durable when it returns. Throws RangeError for what is no key, and where the board has another owner: only a reset forgets that one. */
export function setOwner(store: KeyValue, publicKey: Uint8Array): void {
  if (!isKey(publicKey)) throw new RangeError("owner: not a compressed public key of secp256k1");
  const owner = ownerOf(store);
  if (owner === undefined) store.set(KEY, publicKey.slice());
  else if (!owner.every((byte, i) => byte === publicKey[i]))
    throw new RangeError("owner: the board has another owner, whom only a factory reset makes it forget");
}

export function forgetOwner(store: KeyValue): void {
  store.delete(KEY);
}

/** SEC 1 §2.3.3. */
function isKey(bytes: Uint8Array): boolean {
  return bytes.length === KEY_BYTES && (bytes[0] === 2 || bytes[0] === 3);
}
