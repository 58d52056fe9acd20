/** State of a board's clock, in every frame. */
export const CLOCK_UNSET = 0;
/** Kept over a reset, not heard from the network in this boot. */
export const CLOCK_KEPT = 1;
/** Set from the network in this boot. */
export const CLOCK_SET = 2;
export type ClockState = 0 | 1 | 2;

/** Frames of one boot that were signed and can no longer be delivered: `first` to `last`, both included. */
export interface DroppedRange {
  readonly boot: number;
  readonly first: number;
  readonly last: number;
}

/** Where a frame stands among its device's frames. */
export interface Position {
  /** Boots of this device so far, from 1. */
  readonly boot: number;
  /** Frames of this boot before this one. */
  readonly sequence: number;
}

/**
 * Whether a frame says how the board's sensors were configured in its boot: the first of a boot does, and one that declares that
 * first one lost.
 */
export function saysConfiguration({ boot, sequence }: Position, dropped: readonly DroppedRange[]): boolean {
  if (sequence === 0) return true;
  for (const range of dropped) if (range.boot === boot && range.first === 0) return true;
  return false;
}

/** The order in which a device signed. */
export function comparePositions(a: Position, b: Position): number {
  return a.boot !== b.boot ? a.boot - b.boot : a.sequence - b.sequence;
}
