/*
 * The C functions of firmware/native/signer-xs.c and firmware/ports/uptime.c. The SDK's compiler replaces bodies of exactly this
 * form by the C function of that name; any other form costs a closure.
 */

/** Loads the private key, or makes one; says whether it was made. It stays in C. Throws where it can do neither. */
export function openSigner(this: unknown): boolean {
  return native("xs_fieldmark_open").call(this);
}

/** 33 bytes, compressed. */
export function publicKey(this: unknown, into: Uint8Array): undefined {
  return native("xs_fieldmark_publicKey").call(this, into);
}

export function sign(this: unknown, digest: Uint8Array, into: Uint8Array, at: number): undefined {
  return native("xs_fieldmark_sign").call(this, digest, into, at);
}

export function sha256(this: unknown, data: Uint8Array, into: Uint8Array, at: number): undefined {
  return native("xs_fieldmark_sha256").call(this, data, into, at);
}

/** Whether r‖s is a low-S signature by `publicKey`; false also for what has another length. */
export function verify(
  this: unknown,
  signature: Uint8Array,
  digest: Uint8Array,
  publicKey: Uint8Array,
): boolean {
  return native("xs_fieldmark_verify").call(this, signature, digest, publicKey);
}

/** Only once the signer is open. */
export function random(this: unknown, into: Uint8Array): undefined {
  return native("xs_fieldmark_random").call(this, into);
}

/** Milliseconds of a clock that nobody sets. */
export function uptime(this: unknown): number {
  return native("xs_fieldmark_uptime").call(this);
}
