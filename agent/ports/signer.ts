/** SHA-256 (FIPS 180-4). */
export interface Hasher {
  /** Writes the 32-byte digest of `data` to `into` from `at`. Must not keep `data`. */
  sha256(data: Uint8Array, into: Uint8Array, at: number): void;
}

/**
 * The device's identity key, secp256k1. The private key stays behind this port: no method returns it.
 */
export interface Signer extends Hasher {
  /** The public key, compressed (SEC 1 §2.3.3): 33 bytes. */
  readonly publicKey: Uint8Array;
  /**
   * Signs a 32-byte digest with ECDSA: nonce by RFC 6979, low S (s at most half the group order).
   * Writes r‖s, 64 bytes, to `into` from `at`. Must be deterministic: the same digest, the same bytes.
   */
  sign(digest: Uint8Array, into: Uint8Array, at: number): void;
}

/** What a judge needs: checks signatures, holds no key. */
export interface SignatureChecker extends Hasher {
  /**
   * Whether r‖s (64 bytes) is a low-S signature over a 32-byte digest by `publicKey` (33 or 65 bytes, SEC 1).
   * Must return false, never throw, for anything that is not.
   */
  verify(signature: Uint8Array, digest: Uint8Array, publicKey: Uint8Array): boolean;
}
