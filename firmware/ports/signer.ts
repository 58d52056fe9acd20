import type { DeviceSigner } from "../platform.js";
import { openSigner, publicKey, sha256, sign, verify } from "./native.js";

const PUBLIC_KEY_BYTES = 33;

/** The device's key, held by native/signer-xs.c: its private half is never in the machine's memory. */
export class NativeSigner implements DeviceSigner {
  readonly publicKey = new Uint8Array(PUBLIC_KEY_BYTES);
  readonly made: boolean;

  /** Throws where a key can be neither read nor made. */
  constructor() {
    this.made = openSigner();
    publicKey(this.publicKey);
  }

  sign(digest: Uint8Array, into: Uint8Array, at: number): void {
    sign(digest, into, at);
  }

  verify(signature: Uint8Array, digest: Uint8Array, key: Uint8Array): boolean {
    return verify(signature, digest, key);
  }

  sha256(data: Uint8Array, into: Uint8Array, at: number): void {
    sha256(data, into, at);
  }
}
