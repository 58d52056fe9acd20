import type { ClockState } from "../frame/chain.js";

export interface WallTime {
  /** CLOCK_UNSET: `unix` means nothing. */
  readonly state: ClockState;
  /** Unix time in milliseconds. */
  readonly unix: number;
}

export interface Clock {
  /** Milliseconds since this boot. Must never go back, whatever happens to the wall clock. */
  uptime(): number;
  /** The time of day now. May jump, when it is set. */
  wall(): WallTime;
  /** Calls back once, `delay` milliseconds from now or a little later, never before this call returns. */
  setTimer(callback: () => void, delay: number): Timer;
  /** Must do nothing for a timer that has fired or was cleared. */
  clearTimer(timer: Timer): void;
}

/** Belongs to the clock that made it; opaque to everybody else. */
export type Timer = object | number;
