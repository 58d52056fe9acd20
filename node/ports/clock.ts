import { CLOCK_SET, type ClockState } from "../../agent/frame/chain.js";
import type { Clock, Timer } from "../../agent/ports/clock.js";

/** The longest delay that setTimeout takes; it makes longer ones 1 ms. */
const MAX_DELAY = 2 ** 31 - 1;

/** Without functions of its own: a large fleet has hundreds of thousands. */
class SystemTimer {
  handle: NodeJS.Timeout;
  readonly #callback: () => void;
  /** By performance.now(). */
  readonly #due: number;

  constructor(callback: () => void, delay: number) {
    this.#callback = callback;
    this.#due = performance.now() + delay;
    this.handle = this.#wait();
  }

  #wait(): NodeJS.Timeout {
    const left = Math.ceil(this.#due - performance.now());
    return setTimeout(fire, Math.min(left, MAX_DELAY), this);
  }

  fire(): void {
    // Node counts whole milliseconds and may be a fraction of one early.
    if (performance.now() < this.#due) this.handle = this.#wait();
    else this.#callback();
  }
}

function fire(timer: SystemTimer): void {
  timer.fire();
}

/** This machine's clock. A boot begins when it is made. `state`: what the board believes of the time of day. */
export function createSystemClock(state: ClockState = CLOCK_SET): Clock {
  const start = performance.now();
  return {
    uptime: () => performance.now() - start,
    wall: () => ({ state, unix: Date.now() }),
    setTimer: (callback, delay) => new SystemTimer(callback, delay),
    clearTimer(timer: Timer) {
      if (timer instanceof SystemTimer) clearTimeout(timer.handle);
    },
  };
}
