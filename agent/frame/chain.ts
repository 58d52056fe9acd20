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

/** The order in which a device signed. */
export function comparePositions(a: Position, b: Position): number {
  return a.boot !== b.boot ? a.boot - b.boot : a.sequence - b.sequence;
}
