import type { Clock, Timer, WallTime } from "../../../agent/ports/clock.js";

/** A clock that passes everything on; one that breaks something says what. */
export class MeddlingClock implements Clock {
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  uptime(): number {
    return this.#clock.uptime();
  }

  wall(): WallTime {
    return this.#clock.wall();
  }

  setTimer(callback: () => void, delay: number): Timer {
    return this.#clock.setTimer(callback, delay);
  }

  clearTimer(timer: Timer): void {
    this.#clock.clearTimer(timer);
  }
}
