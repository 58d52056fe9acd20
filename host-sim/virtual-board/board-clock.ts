import { CLOCK_KEPT, CLOCK_SET, CLOCK_UNSET, type ClockState } from "../../agent/frame/chain.js";
import type { Clock, Timer, WallTime } from "../../agent/ports/clock.js";
import { EARLIEST } from "../../agent/time-of-day.js";
import { createSystemClock } from "../../node/ports/clock.js";

/** What a board knows of the time of day: it keeps that over a reset, and loses it with the power. */
export class KeptTime {
  /** Unix time in milliseconds less this machine's; undefined where the board does not know it. */
  offset: number | undefined;
}

/** The clock of one boot. */
export class BoardClock implements Clock {
  readonly earliest = EARLIEST;
  readonly #system = createSystemClock();
  readonly #kept: KeptTime;
  readonly #timers = new Set<Timer>();
  #state: ClockState;

  constructor(kept: KeptTime) {
    this.#kept = kept;
    this.#state = kept.offset === undefined ? CLOCK_UNSET : CLOCK_KEPT;
  }

  get state(): ClockState {
    return this.#state;
  }

  /** From the network. */
  setFromNetwork(): void {
    this.#kept.offset = 0;
    this.#state = CLOCK_SET;
  }

  /** By hand, in milliseconds: what the network has said counts for more. */
  set(unix: number): void {
    if (this.#state === CLOCK_SET) return;
    this.#kept.offset = unix - Date.now();
    this.#state = CLOCK_KEPT;
  }

  uptime(): number {
    return this.#system.uptime();
  }

  wall(): WallTime {
    return { state: this.#state, unix: Date.now() + (this.#kept.offset ?? 0) };
  }

  setTimer(callback: () => void, delay: number): Timer {
    const timer = this.#system.setTimer(() => {
      this.#timers.delete(timer);
      callback();
    }, delay);
    this.#timers.add(timer);
    return timer;
  }

  clearTimer(timer: Timer): void {
    this.#timers.delete(timer);
    this.#system.clearTimer(timer);
  }

  /** The boot is over: no timer of it fires any more. */
  stop(): void {
    for (const timer of this.#timers) this.#system.clearTimer(timer);
    this.#timers.clear();
  }
}
