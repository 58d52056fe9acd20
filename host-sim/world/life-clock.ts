import type { Clock, Timer, WallTime } from "../../agent/ports/clock.js";
import type { Appointment, Scheduler } from "./time.js";

/** The clock of one life of a process in virtual time: none of its timers outlives it. */
export class LifeClock implements Clock {
  readonly #scheduler: Scheduler;
  readonly #wall: () => WallTime;
  readonly #start: number;
  #isOver = false;

  constructor(scheduler: Scheduler, wall: () => WallTime) {
    this.#scheduler = scheduler;
    this.#wall = wall;
    this.#start = scheduler.now;
  }

  /** The process is gone. */
  stop(): void {
    this.#isOver = true;
  }

  uptime(): number {
    return this.#scheduler.now - this.#start;
  }

  wall(): WallTime {
    return this.#wall();
  }

  setTimer(callback: () => void, delay: number): Timer {
    return this.#scheduler.after(delay, () => {
      if (!this.#isOver) callback();
    });
  }

  clearTimer(timer: Timer): void {
    this.#scheduler.cancel(timer as Appointment);
  }
}
