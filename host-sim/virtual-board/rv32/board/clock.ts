import { CLOCK_KEPT, CLOCK_SET, type ClockState } from "../../../../agent/frame/chain.js";
import type { Timer, WallTime } from "../../../../agent/ports/clock.js";
import { EARLIEST } from "../../../../agent/time-of-day.js";
import type { DeviceClock } from "../../../../firmware/platform.js";
import { HostClock } from "../../../engines/xs/board/clock.js";
import { host } from "../../../engines/xs/board/host.js";
import { FromDevice } from "../messages.js";

/** Uptime from the core's own timer, and the time of day, which Node keeps over a reset. */
export class EmulatedClock implements DeviceClock {
  readonly #timers = new HostClock(0, 0);
  state: ClockState;
  readonly earliest = EARLIEST;
  /** Unix time in milliseconds at uptime 0. */
  #epoch: number;

  constructor(state: ClockState, epoch: number) {
    this.state = state;
    this.#epoch = epoch;
  }

  uptime(): number {
    return host.uptime();
  }

  wall(): WallTime {
    return { state: this.state, unix: this.#epoch + host.uptime() };
  }

  set(unix: number): void {
    if (this.state === CLOCK_SET) return;
    this.state = CLOCK_KEPT;
    this.#epoch = unix - host.uptime();
    host.send(FromDevice.clock, 0, unix);
  }

  setFromNetwork(unix: number): void {
    this.state = CLOCK_SET;
    this.#epoch = unix - host.uptime();
  }

  setTimer(callback: () => void, delay: number): Timer {
    return this.#timers.setTimer(callback, delay);
  }

  clearTimer(timer: Timer): void {
    this.#timers.clearTimer(timer);
  }

  fire(id: number): void {
    this.#timers.fire(id);
  }
}
