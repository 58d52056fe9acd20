import { below, type Random32 } from "./random.js";

/**
 * How a worn sector fails: `refuses`: erasing and programming throw, as where the driver reads the chip's error flag; `stuck`:
 * some bits stay 0 when it is erased; `weak`: some bits that should become 0 stay 1. What it held can still be read.
 */
export type Wear = "refuses" | "stuck" | "weak";

const WEARS: readonly Wear[] = ["refuses", "stuck", "weak"];
const WORST = 8; // bits that fail at a time

export function anyWear(random: Random32): Wear {
  return WEARS[below(random, WEARS.length)] as Wear;
}

/** Sets 1 to 8 bits of `bytes` to 0. */
export function stick(random: Random32, bytes: Uint8Array): void {
  for (let i = below(random, WORST); i >= 0; i--) {
    const at = below(random, bytes.length);
    bytes[at] = (bytes[at] as number) & ~(1 << below(random, 8));
  }
}

/** Leaves out of `targets`, the bits to be cleared, 1 to 8; fewer where it has no more. */
export function weaken(random: Random32, targets: Uint8Array): void {
  let left = 1 + below(random, WORST);
  const start = below(random, targets.length);
  for (let i = 0; i < targets.length && left > 0; i++) {
    const at = (start + i) % targets.length;
    const byte = targets[at] as number;
    if (byte === 0) continue;
    targets[at] = byte & (byte - 1);
    left--;
  }
}
