/** A statement's signature: r‖s‖v, 65 bytes, low S, v 27 or 28, as `ecrecover` takes it. */
export const STATEMENT_SIGNATURE_BYTES = 65;

/** A witness's secp256k1 key. The private key stays behind this port. */
export interface StatementSigner {
  /** Compressed, 33 bytes. */
  readonly publicKey: Uint8Array;
  /** Signs a 32-byte digest; the same digest has the same signature (RFC 6979). */
  sign(digest: Uint8Array): Uint8Array;
}

export interface StatementChecker {
  /**
   * The compressed key that signed a digest; undefined, and never an error, for whatever is no
   * signature with low S.
   */
  recover(signature: Uint8Array, digest: Uint8Array): Uint8Array | undefined;
}
