import type { Hasher } from "../../agent/ports/signer.js";

/** What a registry is read with. */
export interface KeyReader extends Hasher {
  /**
   * The point of a compressed key (33 bytes, SEC 1 §2.3.3) as 65 bytes, so that no square root is
   * taken for each signature. Must return undefined for what is no point of secp256k1.
   */
  uncompressed(publicKey: Uint8Array): Uint8Array | undefined;
}
