import { sha256 } from "@noble/hashes/sha2.js";
import { hashes, verify } from "@noble/secp256k1";
import type { SignatureChecker } from "../../agent/ports/signer.js";

hashes.sha256 = sha256;

/** Checks signatures in the browser: few a board, so that it need not be fast. */
export const signatureChecker: SignatureChecker = {
  sha256(data, into, at) {
    into.set(sha256(data), at);
  },
  verify(signature, digest, publicKey) {
    try {
      return verify(signature, digest, publicKey, { prehash: false, lowS: true });
    } catch {
      return false; // not a signature by its form, or not a public key
    }
  },
};
