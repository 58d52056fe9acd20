import Time from "time";
import SystemTimer from "timer";
import { CLOCK_KEPT, CLOCK_SET, CLOCK_UNSET, type ClockState } from "../../agent/frame/chain.js";
import type { Timer, WallTime } from "../../agent/ports/clock.js";
import { EARLIEST } from "../../agent/time-of-day.js";
import type { DeviceClock } from "../platform.js";
import { uptime } from "./native.js";

/** The longest delay of a system timer, in milliseconds: it counts in 32 bits with a sign. */
const LONGEST = 2 ** 31 - 1;

/** Uptime from the hardware's own clock, time of day from the engine's `Date`, which SNTP sets. */
export class BoardClock implements DeviceClock {
  state: ClockState = CLOCK_UNSET;
  readonly earliest: number;
  readonly #start = uptime();

  constructor(earliest = EARLIEST) {
    this.earliest = earliest;
  }

  uptime(): number {
    return uptime() - this.#start;
  }

  wall(): WallTime {
    return { state: this.state, unix: Date.now() };
  }

  set(unix: number): void {
    if (this.state === CLOCK_SET) return;
    Time.set(Math.floor(unix / 1000));
    this.state = CLOCK_KEPT;
  }

  setTimer(callback: () => void, delay: number): Timer {
    return new BoardTimer(callback, uptime() + delay);
  }

  clearTimer(timer: Timer): void {
    (timer as BoardTimer).clear();
  }
}

/** System timers are early by up to a tick, and cannot be cleared once they fired; this one is neither. */
class BoardTimer {
  readonly #callback: () => void;
  /** By the native clock. */
  readonly #due: number;
  #system: SystemTimer | undefined;

  constructor(callback: () => void, due: number) {
    this.#callback = callback;
    this.#due = due;
    this.arm();
  }

  clear(): void {
    if (this.#system !== undefined) SystemTimer.clear(this.#system);
    this.#system = undefined;
  }

  private arm(): void {
    const left = Math.ceil(this.#due - uptime());
    this.#system = SystemTimer.set(() => this.fire(), left < 1 ? 0 : left < LONGEST ? left : LONGEST);
  }

  private fire(): void {
    this.#system = undefined;
    if (uptime() < this.#due) this.arm();
    else this.#callback();
  }
}
