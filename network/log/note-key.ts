import { InputError } from "../../agent/input-error.js";
import type { Hasher } from "../../agent/ports/signer.js";
import { base64Of, hasControl, readBase64, utf8Of } from "./text.js";

/** Signature types of C2SP's signed-note: Ed25519 over the text, and cosignature/v1. */
export const ED25519 = 0x01;
export const COSIGNATURE = 0x04;
const KEY_BYTES = 32;

/** Who is known to sign notes, and how. */
export interface VerifierKey {
  readonly name: string;
  /** The first 4 bytes of SHA-256(name ‖ 0x0A ‖ type ‖ public key), big-endian. */
  readonly id: number;
  readonly type: typeof ED25519 | typeof COSIGNATURE;
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
}

/** Whether a key may have this name: not empty, no spaces of Unicode, no plus, nothing that no note may have. */
export const isKeyName = (name: string): boolean =>
  /^[^\p{White_Space}\p{Cs}+]+$/u.test(name) && !hasControl(name);

/** The verifier key of a public key of 32 bytes. Throws InputError where the name may not be one. */
export function createVerifierKey(
  hasher: Hasher,
  name: string,
  type: VerifierKey["type"],
  publicKey: Uint8Array,
): VerifierKey {
  if (!isKeyName(name)) throw new InputError("a key's name: not empty, and without spaces and plus signs");
  if (publicKey.length !== KEY_BYTES) throw new InputError(`a key of ${publicKey.length} bytes: not Ed25519`);
  const digest = new Uint8Array(32);
  hasher.sha256(Uint8Array.of(...utf8Of(`${name}\n`), type, ...publicKey), digest, 0);
  return { name, id: new DataView(digest.buffer).getUint32(0), type, publicKey };
}

/** C2SP's vkey: `name+hex(id)+base64(type ‖ public key)`. */
export const verifierKeyText = ({ name, id, type, publicKey }: VerifierKey): string =>
  `${name}+${idText(id)}+${base64Of(Uint8Array.of(type, ...publicKey))}`;

/** The reverse of `verifierKeyText`. Throws InputError where `text` is none, or its id is another key's. */
export function readVerifierKey(hasher: Hasher, text: string): VerifierKey {
  const [, name, id, material] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(text) ?? [];
  const [type, ...publicKey] = readBase64(material ?? "") ?? [];
  if (name === undefined || type === undefined)
    throw new InputError("not a verifier key: name+hexadecimal id+base64");
  if (type !== ED25519 && type !== COSIGNATURE)
    throw new InputError(
      `a verifier key of type ${type}: only Ed25519 (1) and its cosignatures (4) are known`,
    );
  const key = createVerifierKey(hasher, name, type, Uint8Array.from(publicKey));
  if (idText(key.id) !== id)
    throw new InputError("the verifier key's id does not belong to its name and key");
  return key;
}

const idText = (id: number) => id.toString(16).padStart(8, "0");
