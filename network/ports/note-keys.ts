import type { Hasher } from "../../agent/ports/signer.js";

/** A key that signs notes, Ed25519 (RFC 8032). The private key stays behind this port. */
export interface NoteKey {
  /** 32 bytes (RFC 8032 §5.1.2). */
  readonly publicKey: Uint8Array;
  /** The signature over `message`, 64 bytes (RFC 8032 §5.1.6). Must not keep `message`. */
  sign(message: Uint8Array): Uint8Array;
}

/** Checks what such keys signed; holds no key. */
export interface NoteChecker extends Hasher {
  /**
   * Whether `signature` is one over `message` by `publicKey` (RFC 8032 §5.1.7). Must return false,
   * never throw, for anything that is not, whatever its length.
   */
  verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean;
}
