import { below, type Random32 } from "./random.js";

/**
 * How a bit that was left between 0 and 1 reads, until it settles: `noise`: at random each time;
 * `rare`: seldom the other value; `late`: steadily, and after some reads it is another.
 */
export type Wavering = "noise" | "rare" | "late";

/** Bits of a torn operation that have not settled. */
export interface Unsettled {
  /** A mask for each byte of the torn range. */
  readonly mask: Uint8Array;
  readonly wavering: Wavering;
  /** Reads after which they settle; Infinity: not before the sector is erased. */
  reads: number;
  /** Settle to the other value than the one seen so far, rather than each at random. */
  readonly flips: boolean;
}

export type TearKind = "none" | "few" | "prefix" | "bytes" | "bits" | "all-but-one" | "all";

export interface Tear {
  readonly kind: TearKind;
  /** Those of the bits that have changed. */
  readonly done: Uint8Array;
  readonly unsettled?: Unsettled;
}

const KINDS: readonly TearKind[] = ["none", "few", "prefix", "bytes", "bits", "all-but-one", "all"];
const WAVERINGS: readonly Wavering[] = ["noise", "rare", "late"];
const MOST_READS = 7; // settles within 2^7 reads, if it does

/** What is done when the power goes while the bits of `targets` (a mask for each byte) are changing. */
export function tear(random: Random32, targets: Uint8Array): Tear {
  const kind = KINDS[below(random, KINDS.length)] as TearKind;
  const done = part(random, targets, kind);
  if (below(random, 2) === 0) return { kind, done };
  // Any of the bits may be near the threshold, those that read as done and those that read as not begun.
  const mask = part(random, targets, KINDS[1 + below(random, KINDS.length - 1)] as TearKind);
  if (mask.every((byte) => byte === 0)) return { kind, done };
  const wavering = WAVERINGS[below(random, WAVERINGS.length)] as Wavering;
  const forever = wavering !== "late" && below(random, 2) === 0;
  const reads = forever ? Number.POSITIVE_INFINITY : below(random, 1 << below(random, MOST_READS + 1));
  return { kind, done, unsettled: { mask, wavering, reads, flips: below(random, 2) === 0 } };
}

function part(random: Random32, targets: Uint8Array, kind: TearKind): Uint8Array {
  const { length } = targets;
  const done = new Uint8Array(length);
  if (kind === "all" || kind === "all-but-one") done.set(targets);
  if (kind === "all-but-one") toggleOne(random, targets, done);
  if (kind === "few") for (let i = 1 + below(random, 4); i > 0; i--) toggleOne(random, targets, done);
  if (kind === "bits") for (let i = 0; i < length; i++) done[i] = (targets[i] as number) & random();
  if (kind === "bytes")
    for (let i = 0; i < length; i++) done[i] = (random() & 0x100) !== 0 ? (targets[i] as number) : 0;
  if (kind === "prefix") {
    const end = below(random, length);
    done.set(targets.subarray(0, end));
    done[end] = (targets[end] as number) & random();
  }
  return done;
}

/** One bit of `targets`, which is the same in all of `done`, or any; nothing where there is none. */
function toggleOne(random: Random32, targets: Uint8Array, done: Uint8Array): void {
  const start = below(random, targets.length);
  for (let i = 0; i < targets.length; i++) {
    const at = (start + i) % targets.length;
    const byte = targets[at] as number;
    if (byte === 0) continue;
    let bit = 1 << below(random, 8);
    while ((byte & bit) === 0) bit = bit === 0x80 ? 1 : bit << 1;
    done[at] = (done[at] as number) ^ bit;
    return;
  }
}
