import { CLOCK_SET, type ClockState } from "../../agent/frame/chain.js";
import type { Clock, Timer, WallTime } from "../../agent/ports/clock.js";

interface Pending {
  readonly due: number;
  readonly order: number;
  readonly callback: () => void;
}

/** Unix milliseconds at which every virtual clock starts. */
export const VIRTUAL_EPOCH = 1_795_000_000_000;

/** Time that moves only when it is told to. Timers fire in the order of their time, then of their setting. */
export class VirtualClock implements Clock {
  /** What `wall` says: may be turned at any time. */
  state: ClockState = CLOCK_SET;
  /** Unix milliseconds at uptime 0; another value sets the wall clock. */
  epoch = VIRTUAL_EPOCH;
  #now = 0;
  #order = 0;
  readonly #pending = new Set<Pending>();

  uptime(): number {
    return this.#now;
  }

  wall(): WallTime {
    return { state: this.state, unix: this.epoch + this.#now };
  }

  setTimer(callback: () => void, delay: number): Timer {
    if (!(delay >= 0)) throw new RangeError(`a delay of ${delay} ms`);
    const timer: Pending = { due: this.#now + delay, order: this.#order++, callback };
    this.#pending.add(timer);
    return timer;
  }

  clearTimer(timer: Timer): void {
    this.#pending.delete(timer as Pending);
  }

  /** Timers that have not fired. */
  get pending(): number {
    return this.#pending.size;
  }

  /** Moves on by `ms`, firing what falls due on the way, each at its own time. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (let timer = this.#next(end); timer !== undefined; timer = this.#next(end)) {
      this.#pending.delete(timer);
      this.#now = Math.max(this.#now, timer.due);
      timer.callback();
    }
    this.#now = Math.max(this.#now, end);
  }

  /** Moves on by `ms` and fires nothing, as a busy processor does: what fell due fires late, at the next `advance`. */
  stall(ms: number): void {
    this.#now += ms;
  }

  /** The clock of a board that is switched on now. It runs on this clock's time. */
  boot(): BoardClock {
    return new BoardClock(this);
  }

  #next(end: number): Pending | undefined {
    let next: Pending | undefined;
    for (const timer of this.#pending)
      if (
        timer.due <= end &&
        (next === undefined || timer.due < next.due || (timer.due === next.due && timer.order < next.order))
      )
        next = timer;
    return next;
  }
}

/** One boot's view of a virtual clock: its uptime starts at 0, and it can lose its power. */
export class BoardClock implements Clock {
  readonly #start: number;
  #isOn = true;

  constructor(readonly world: VirtualClock) {
    this.#start = world.uptime();
  }

  uptime(): number {
    return this.world.uptime() - this.#start;
  }

  wall(): WallTime {
    return this.world.wall();
  }

  setTimer(callback: () => void, delay: number): Timer {
    return this.world.setTimer(() => {
      if (this.#isOn) callback();
    }, delay);
  }

  clearTimer(timer: Timer): void {
    this.world.clearTimer(timer);
  }

  /** The power is gone: no timer of this boot fires any more. */
  cut(): void {
    this.#isOn = false;
  }
}
