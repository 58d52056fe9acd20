import { createPrivateKey, createPublicKey, sign, verify } from "node:crypto";
import { InputError } from "../../agent/input-error.js";
import type { NoteChecker, NoteKey } from "../../network/ports/note-keys.js";
import { hasher } from "./signer.js";

/** Bytes of an Ed25519 key, private or public (RFC 8032 §5.1.5). */
const KEY_BYTES = 32;
/** DER before the 32 bytes of a key: PrivateKeyInfo and SubjectPublicKeyInfo (RFC 8410 §7, §4). */
const PRIVATE_HEAD = Buffer.from("302e020100300506032b657004220420", "hex");
const PUBLIC_HEAD = Buffer.from("302a300506032b6570032100", "hex");

/** Ed25519 by OpenSSL. `seed`: the private key, 32 bytes of chance. Throws InputError for another length. */
export function createNoteKey(seed: Uint8Array): NoteKey {
  if (seed.length !== KEY_BYTES) throw new InputError(`a log's private key has ${KEY_BYTES} bytes`);
  const key = createPrivateKey({ key: Buffer.concat([PRIVATE_HEAD, seed]), format: "der", type: "pkcs8" });
  const spki = createPublicKey(key).export({ format: "der", type: "spki" });
  return {
    publicKey: Uint8Array.from(spki.subarray(PUBLIC_HEAD.length)),
    sign: (message) => Uint8Array.from(sign(null, message, key)),
  };
}

export const noteChecker: NoteChecker = {
  ...hasher,
  verify(signature, message, publicKey) {
    try {
      const der = Buffer.concat([PUBLIC_HEAD, publicKey]);
      return verify(null, message, createPublicKey({ key: der, format: "der", type: "spki" }), signature);
    } catch {
      return false; // not a public key
    }
  },
};
