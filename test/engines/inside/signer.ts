/**
 * In place of node/ports/signer.ts. Digests, signatures and their checks are the board's natives;
 * what a board has no native for, the arithmetic of other keys, is noble's.
 */
import * as noble from "@noble/secp256k1";
import type { Hasher, SignatureChecker, Signer } from "../../../agent/ports/signer.js";
import type { KeyReader } from "../../../network/ports/keys.js";
import { host } from "./host.js";

export const hasher: Hasher = { sha256: host.sha256 };

const isSame = (a: Uint8Array, b: Uint8Array) => a.length === b.length && a.every((byte, i) => byte === b[i]);
const ownKey = new Uint8Array(33);
host.publicKey(ownKey);

/** The board's own key signs in the board; the signer of any other key can only say its public key. */
export function createSigner(privateKey: Uint8Array): Signer {
  const publicKey = noble.getPublicKey(privateKey);
  const sign: Signer["sign"] = isSame(publicKey, ownKey)
    ? host.sign
    : () => {
        throw new Error("the board signs with its own key only");
      };
  return { publicKey, sign, sha256: host.sha256 };
}

export const signatureChecker: SignatureChecker = {
  sha256: host.sha256,
  verify: host.verify,
};

export const keyReader: KeyReader = { sha256: host.sha256, uncompressed: uncompressedKey };

export function uncompressedKey(publicKey: Uint8Array): Uint8Array {
  return noble.Point.fromBytes(publicKey).toBytes(false);
}
