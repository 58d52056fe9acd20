import type { ClockState } from "../../../../agent/frame/chain.js";
import type { Clock, Timer, WallTime } from "../../../../agent/ports/clock.js";
import { FromBoard } from "../messages.js";
import { host } from "./host.js";

/** Timers at the same time, at most; an agent has two and one for each broker. */
const TIMERS = 64;
/** Timers until their numbers come again; times TIMERS, that is 32 bits. */
const MADE = 2 ** 26;

/** Time as Node has it: it comes with each message, and timers are Node's. */
export class HostClock implements Clock {
  /**
   * In each place the timer's number, which never comes again, so that one which fired too late is known; and behind it what it calls,
   * undefined where the place is free.
   */
  readonly #timers: (number | (() => void) | undefined)[] = [];
  #made = 0;

  /** `epoch`: Unix time in milliseconds at uptime 0. */
  constructor(
    readonly state: ClockState,
    readonly epoch: number,
  ) {}

  uptime(): number {
    return host.uptime();
  }

  wall(): WallTime {
    return { state: this.state, unix: this.epoch + host.uptime() };
  }

  setTimer(callback: () => void, delay: number): Timer {
    let place = 0;
    const timers = this.#timers;
    while (timers[2 * place + 1] !== undefined) place++;
    if (place === TIMERS) throw new RangeError(`more than ${TIMERS} timers`);
    this.#made = (this.#made + 1) % MADE;
    const id = this.#made * TIMERS + place;
    timers[2 * place] = id;
    timers[2 * place + 1] = callback;
    host.send(FromBoard.timerSet, id, delay);
    return id;
  }

  clearTimer(timer: Timer): void {
    const id = timer as number;
    if (this.take(id) !== undefined) host.send(FromBoard.timerClear, id);
  }

  fire(id: number): void {
    this.take(id)?.();
  }

  private take(id: number): (() => void) | undefined {
    const at = 2 * (id % TIMERS);
    const timers = this.#timers;
    if (timers[at] !== id) return undefined;
    const callback = timers[at + 1] as (() => void) | undefined;
    timers[at + 1] = undefined;
    return callback;
  }
}
