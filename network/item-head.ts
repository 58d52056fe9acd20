import { ARRAY, BYTES, MAP, SIMPLE, TAG, TEXT } from "../agent/cbor/major.js";

/**
 * The head of any item of RFC 8949 §3, canonical or not. For tools that look at damage; whoever judges reads
 * with CborReader.
 */
export interface Head {
  readonly major: number;
  /** Additional information, the low five bits. INDEFINITE: the length is open, or this is a break. */
  readonly info: number;
  /** Value, length, count, tag number, or the bits of a float. 0 where `info` is INDEFINITE. */
  readonly argument: number | bigint;
  /** Bytes of the head itself, 1 to 9. */
  readonly bytes: number;
}

export const INDEFINITE = 31;

/** Bytes of the head that starts with `first`. */
export function headBytes(first: number): number {
  const info = first & 0x1f;
  return info >= 24 && info <= 27 ? 1 + (1 << (info - 24)) : 1;
}

/** The head at `at`; `cut` where `end` comes before its end, `reserved` where RFC 8949 gives it no meaning. */
export function readHead(input: Uint8Array, at: number, end: number): Head | "cut" | "reserved" {
  if (at >= end) return "cut";
  const first = input[at] as number;
  const major = first >> 5;
  const info = first & 0x1f;
  const bytes = headBytes(first);
  if (info > 27 && info < INDEFINITE) return "reserved";
  if (info === INDEFINITE) {
    const open = major === BYTES || major === TEXT || major === ARRAY || major === MAP || major === SIMPLE;
    return open ? { major, info, argument: 0, bytes } : "reserved";
  }
  if (at + bytes > end) return "cut";
  if (bytes === 1) return { major, info, argument: info, bytes };
  return { major, info, argument: readArgument(input, at + 1, bytes - 1), bytes };
}

function readArgument(input: Uint8Array, at: number, bytes: number): number | bigint {
  let high = 0;
  let low = 0;
  for (let i = 0; i < bytes; i++) {
    const byte = input[at + i] as number;
    if (bytes - i > 4) high = high * 0x100 + byte;
    else low = low * 0x100 + byte;
  }
  const sum = high * 0x100000000 + low;
  return Number.isSafeInteger(sum) ? sum : (BigInt(high) << 32n) | BigInt(low);
}

export function isBreak(head: Head): boolean {
  return head.major === SIMPLE && head.info === INDEFINITE;
}

/** Whether the argument would fit a shorter head (RFC 8949 §4.2.1), or must have it (§3.3). Floats are not asked. */
export function isLonger(head: Head): boolean {
  if (head.bytes === 1 || (head.major === SIMPLE && head.bytes > 2)) return false;
  if (head.major === SIMPLE) return Number(head.argument) < 32;
  const least = head.bytes === 2 ? 24n : 1n << BigInt((head.bytes >> 1) * 8);
  return BigInt(head.argument) < least;
}

/** Whether a head is followed by its content's bytes: a string of definite length. */
export function isString(head: Head): boolean {
  return (head.major === BYTES || head.major === TEXT) && head.info !== INDEFINITE;
}

/** Whether other items belong to this one. */
export function isContainer(head: Head): boolean {
  if (head.major === SIMPLE) return false;
  return (head.major > TEXT && head.major <= TAG) || (head.major >= BYTES && head.info === INDEFINITE);
}

/**
 * Pairs count twice: the items that a container's head announces. Infinity for an indefinite
 * length.
 */
export function itemsIn(head: Head): number {
  if (head.info === INDEFINITE) return Number.POSITIVE_INFINITY;
  if (head.major === TAG) return 1;
  return Number(head.argument) * (head.major === MAP ? 2 : 1);
}
