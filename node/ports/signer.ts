import { createHash, hash, randomBytes } from "node:crypto";
import type { Hasher, SignatureChecker, Signer } from "../../agent/ports/signer.js";
import type { KeyReader } from "../../network/ports/keys.js";
import { loadChecker, type Verify } from "../checker-addon.js";
import { isNative, publicKeyOf, secp256k1, warnWhereSlow } from "../secp256k1.js";

/** SHA-256 by OpenSSL. `hash`, the one-shot call, is twice as fast; Node has it from 20.12 and 21.7 on. */
const sha256: Hasher["sha256"] =
  hash === undefined
    ? (data, into, at) => into.set(createHash("sha256").update(data).digest(), at)
    : (data, into, at) => into.set(hash("sha256", data, "buffer"), at);

export const hasher: Hasher = { sha256 };

export const keyReader: KeyReader = {
  sha256,
  uncompressed: (publicKey) =>
    secp256k1.publicKeyVerify(publicKey) ? secp256k1.publicKeyConvert(publicKey, false) : undefined,
};

/** Signs with libsecp256k1 (npm secp256k1), which makes RFC 6979 nonces and low-S signatures. Throws Error where that is not there. */
export function createSigner(privateKey: Uint8Array): Signer {
  if (!isPrivateKey(privateKey))
    throw new RangeError("privateKey: not 32 bytes from 1 to the group order - 1");
  return {
    publicKey: publicKeyOf(privateKey, true),
    sha256,
    sign(digest, into, at) {
      secp256k1.ecdsaSign(digest, privateKey, undefined, into.subarray(at, at + 64));
    },
  };
}

/** By npm secp256k1, which parses the key each time. */
export const verifyByNpm: Verify = (signature, digest, publicKey) => {
  warnWhereSlow();
  try {
    return secp256k1.ecdsaVerify(signature, digest, publicKey);
  } catch {
    return false; // r or s not below the group order, or not a public key
  }
};

/** Made when the first signature is checked: its tables take some milliseconds. */
let verify: Verify | undefined;

/** Checks in C of our own where that was compiled (checker-build.ts), else by npm secp256k1. */
export const signatureChecker: SignatureChecker = {
  sha256,
  verify(signature, digest, publicKey) {
    verify ??= loadChecker() ?? verifyByNpm;
    return verify(signature, digest, publicKey);
  },
};

/** Who checks signatures on this machine, in words. */
export function checkerName(): string {
  verify ??= loadChecker() ?? verifyByNpm;
  if (verify !== verifyByNpm) return "in C, compiled on this machine";
  return isNative ? "by npm secp256k1" : "in JavaScript, slowly";
}

export function isPrivateKey(bytes: Uint8Array): boolean {
  return bytes.length === 32 && secp256k1.privateKeyVerify(bytes);
}

export function newPrivateKey(random: (bytes: number) => Uint8Array = randomBytes): Uint8Array {
  for (;;) {
    const candidate = random(32);
    if (isPrivateKey(candidate)) return candidate;
  }
}

/** The point of a compressed key, as 65 bytes: libsecp256k1 then need not find y again for each signature. */
export function uncompressedKey(publicKey: Uint8Array): Uint8Array {
  return secp256k1.publicKeyConvert(publicKey, false);
}
