import { isSameBytes } from "../cose/kid.js";
import { fail } from "../input-error.js";

/** Witnesses that a board can be told of. */
const MAX_WITNESSES = 4;
/** Compressed public key, SEC 1 §2.3.3. */
export const WITNESS_KEY_BYTES = 33;

/** Whose receipts let frames leave. */
export interface WitnessConfig {
  /** Compressed public keys, each once. */
  readonly keys: readonly Uint8Array[];
  /** So many of them must hold a frame: 1 to as many as there are. */
  readonly least: number;
}

/** Throws SettingError, by the settings' names. */
export function checkWitnesses({ keys, least }: WitnessConfig): void {
  if (!(keys.length >= 1 && keys.length <= MAX_WITNESSES))
    fail("witnessKeys", keys.length, `1 to ${MAX_WITNESSES} keys`);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as Uint8Array;
    if (key.length !== WITNESS_KEY_BYTES || keys.findIndex((other) => isSameBytes(other, key)) < i)
      fail(`witnessKeys[${i}]`, "it", "a compressed public key that stands there once");
  }
  if (!(least >= 1 && least <= keys.length && least % 1 === 0))
    fail("witnesses", least, `a whole number from 1 to ${keys.length}, the keys`);
}
