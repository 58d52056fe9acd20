import { CborReader } from "../agent/cbor/reader.js";
import { CborWriter } from "../agent/cbor/writer.js";
import type { KeyValue } from "../agent/ports/key-value.js";

/** Why a board starts. The order is that of the stored counts: new reasons go to the end. */
export const RESET_REASONS = Object.freeze([
  "unknown",
  "power-on",
  "software",
  "panic",
  "watchdog",
  "brown-out",
  "deep-sleep",
  "external",
  "killed",
] as const);
export type ResetReason = (typeof RESET_REASONS)[number];

const KEY = "resets";
const INT_BYTES = 9;

/** How often this device started, for each reason that came up. */
export type ResetCounts = { readonly [reason in ResetReason]?: number };

/**
 * Counts this start and makes the counts durable before it returns: an array of integers in CBOR, one a reason. A record
 * that cannot be read starts anew, since it must not keep a board from starting.
 */
export function countReset(store: KeyValue, reason: ResetReason): ResetCounts {
  const numbers = readCounts(store);
  const index = RESET_REASONS.indexOf(reason);
  numbers[index] = (numbers[index] as number) + 1;
  const writer = new CborWriter(new Uint8Array(INT_BYTES * (1 + numbers.length)));
  writer.array(numbers.length);
  for (const number of numbers) writer.int(number);
  store.set(KEY, writer.buffer.slice(0, writer.offset));
  const counts: { [reason in ResetReason]?: number } = {};
  RESET_REASONS.forEach((name, i) => {
    if (numbers[i] !== 0) counts[name] = numbers[i] as number;
  });
  return counts;
}

function readCounts(store: KeyValue): number[] {
  const numbers = RESET_REASONS.map(() => 0);
  const stored = store.get(KEY);
  if (stored === undefined) return numbers;
  try {
    const reader = new CborReader(stored);
    const length = reader.array();
    for (let i = 0; i < length && i < numbers.length; i++) numbers[i] = reader.uint();
    return numbers;
  } catch {
    return RESET_REASONS.map(() => 0);
  }
}
