import type { Position } from "../../../agent/frame/chain.js";
import { KID_BYTES } from "../../../agent/frame/layout.js";

/** kid, boot and sequence, each in 8 bytes, big-endian: the order of bytes is that of signing. */
export const PLACE_BYTES = 24;
/** kid, day (UTC, since 1970) in 4 bytes, boot in 8. */
export const DAY_BYTES = 20;

const BOOT_AT = 8;
const SEQUENCE_AT = 16;
const DAY_AT = 8;
const DAY_BOOT_AT = 12;

export function placeKey(kid: Uint8Array, { boot, sequence }: Position): Buffer {
  const key = Buffer.alloc(PLACE_BYTES);
  key.set(kid, 0);
  writeCount(key, boot, BOOT_AT);
  writeCount(key, sequence, SEQUENCE_AT);
  return key;
}

export const positionOfKey = (key: Buffer): Position => ({
  boot: readCount(key, BOOT_AT),
  sequence: readCount(key, SEQUENCE_AT),
});

export function dayKey(kid: Uint8Array, day: number, boot: number): Buffer {
  const key = Buffer.alloc(DAY_BYTES);
  key.set(kid, 0);
  key.writeUInt32BE(day, DAY_AT);
  writeCount(key, boot, DAY_BOOT_AT);
  return key;
}

export const dayOfKey = (key: Buffer) => ({
  kid: kidOfKey(key),
  day: key.readUInt32BE(DAY_AT),
  boot: readCount(key, DAY_BOOT_AT),
});

/** A view. */
export const kidOfKey = (key: Buffer): Buffer => key.subarray(0, KID_BYTES);

/** Behind every key of a kid. Undefined for the last kid there can be. */
export function behind(kid: Uint8Array): Buffer | undefined {
  const next = Buffer.from(kid);
  for (let at = KID_BYTES - 1; at >= 0; at--) {
    const byte = next[at] as number;
    next[at] = (byte + 1) & 0xff;
    if (byte < 0xff) return next;
  }
  return undefined;
}

/** The end of a range, as LMDB for Node takes it; undefined: to the last key. */
export const endOf = (end: Buffer | undefined): { end?: Buffer } => (end === undefined ? {} : { end });

/** The start of every key of a kid, from its hex. */
export const kidKey = (kid: string): Buffer => Buffer.from(kid, "hex");

/** Whole numbers up to 2^53 - 1. */
export function writeCount(into: Buffer, value: number, at: number): void {
  into.writeUInt32BE(Math.floor(value / 2 ** 32), at);
  into.writeUInt32BE(value % 2 ** 32, at + 4);
}

export function readCount(from: Buffer, at: number): number {
  return from.readUInt32BE(at) * 2 ** 32 + from.readUInt32BE(at + 4);
}
