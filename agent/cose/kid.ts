import { DIGEST_BYTES, KID_BYTES } from "../frame/layout.js";
import type { Hasher } from "../ports/signer.js";

/** The 8 bytes by which frames name their key: the start of SHA-256 of the compressed public key. */
export function kidOfKey(publicKey: Uint8Array, hasher: Hasher): Uint8Array {
  const digest = new Uint8Array(DIGEST_BYTES);
  hasher.sha256(publicKey, digest, 0);
  return digest.slice(0, KID_BYTES);
}

/** Not for secrets: how long it takes depends on where they differ. */
export function isSameBytes(one: Uint8Array | undefined, other: Uint8Array): boolean {
  if (one === undefined || one.length !== other.length) return false;
  // A call of a function for each byte would take stack, of which a board has little.
  for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) return false;
  return true;
}

/** Lower-case hex, as device names in MQTT topics; `unhex` is its reverse. */
export function hex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += (byte < 16 ? "0" : "") + byte.toString(16);
  return text;
}

/** Of an even number of digits. */
export function unhex(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}
