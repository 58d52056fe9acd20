import { CborReader } from "../agent/cbor/reader.js";
import { CborWriter } from "../agent/cbor/writer.js";
import { hex } from "../agent/cose/kid.js";
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

export interface CountedReset {
  readonly resets: ResetCounts;
  /** What was stored before, in hex, where it was no record of counts: they start over then. */
  readonly damaged?: string;
}

/**
 * Counts this start and makes the counts durable before it returns: an array of integers in CBOR, one a reason. A record
 * that cannot be read must not keep a board from starting; that it was lost is told.
 */
export function countReset(store: KeyValue, reason: ResetReason): CountedReset {
  const stored = store.get(KEY);
  const read = stored === undefined ? [] : readCounts(stored);
  const numbers = RESET_REASONS.map((_, i) => read?.[i] ?? 0);
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
  return stored === undefined || read !== undefined
    ? { resets: counts }
    : { resets: counts, damaged: hex(stored) };
}

/** Undefined where it is no array of counts. A longer one, of firmware that knew more reasons, is read as far as they are known. */
function readCounts(stored: Uint8Array): number[] | undefined {
  try {
    const reader = new CborReader(stored);
    const numbers: number[] = [];
    for (let left = reader.array(); left > 0; left--) numbers.push(reader.uint());
    reader.finish();
    return numbers;
  } catch {
    return undefined;
  }
}
