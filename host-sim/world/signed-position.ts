import type { DroppedRange, Position } from "../../agent/frame/chain.js";

/** CBOR of the header label -65537, before the chain's array. */
const CHAIN_LABEL = [0x3a, 0x00, 0x01, 0x00, 0x00] as const;
/** Head of an array and of a byte string of nothing, to which the number of items is added; and how many a chain has always. */
const ARRAY = 0x80;
const BYTES = 0x40;
const PARTS = 5;

/**
 * Boot and sequence in a Sig_structure or a frame (docs/protocol.md), found by the chain's label and not by reading all before it: this
 * is done for every signature. Throws Error where there is none.
 */
export function signedPosition(signed: Uint8Array): Position {
  const [boot, afterBoot] = readUint(signed, chainStart(signed) + 1);
  const [sequence] = readUint(signed, afterBoot);
  return { boot, sequence };
}

/** The losses that it declares; most often none. */
export function signedLosses(signed: Uint8Array): DroppedRange[] {
  const start = chainStart(signed);
  let parts = (signed[start] ?? ARRAY) - ARRAY - PARTS;
  let at = start + 1;
  const next = () => {
    const [value, after] = readUint(signed, at);
    at = after;
    return value;
  };
  next(); // boot
  next(); // sequence
  at += 1 + shortLength(signed, at); // prev: a byte string of less than 24 bytes
  next(); // uptime
  next(); // clock
  if (parts > 0 && (signed[at] ?? 0) >> 5 === BYTES >> 5) {
    at += 1 + shortLength(signed, at); // configuration
    parts--;
  }
  if (parts === 0) return [];
  const ranges: DroppedRange[] = [];
  for (let left = (signed[at++] ?? ARRAY) - ARRAY; left > 0; left--) {
    at++;
    ranges.push({ boot: next(), first: next(), last: next() });
  }
  return ranges;
}

/** The length of a short byte string, from its head. */
const shortLength = (bytes: Uint8Array, at: number) => (bytes[at] ?? 0) & 31;

function chainStart(signed: Uint8Array): number {
  for (let at = 0; at + CHAIN_LABEL.length + 2 < signed.length; at++)
    if (signed[at] === CHAIN_LABEL[0] && CHAIN_LABEL.every((byte, i) => signed[at + i] === byte))
      return at + CHAIN_LABEL.length;
  throw new Error("what is signed is no frame: it has no chain");
}

/** RFC 8949 §3.1: a value below 24 is in the first byte, or 1, 2, 4 or 8 bytes follow. */
function readUint(bytes: Uint8Array, at: number): [value: number, after: number] {
  const head = (bytes[at] ?? 0) & 31;
  if (head < 24) return [head, at + 1];
  const length = 2 ** (head - 24);
  let value = 0;
  for (let i = 1; i <= length; i++) value = value * 256 + (bytes[at + i] ?? 0);
  return [value, at + 1 + length];
}
