import SNTP from "sntp";
import Time from "time";
import { CLOCK_KEPT, CLOCK_SET } from "../../agent/frame/chain.js";
import type { Timer } from "../../agent/ports/clock.js";
import type { DeviceClock } from "../platform.js";

/** Milliseconds from a good answer to the next question: a board's crystal is off by less than half a second then. */
const AGAIN = 6 * 3_600_000;
/** Milliseconds from a question that was not answered (the SDK asks 5 times, 5 s apart) to the next. */
const RETRY = 60_000;
/** 2024-01-01. A clock that was never set counts from 1970. */
const EARLIEST = 1_704_067_200_000;

/**
 * Has the time of day set from the network, and says what is known of it. The real-time counter runs on through every reset
 * but the loss of power.
 */
export class TimeKeeper {
  readonly #host: string;
  readonly #clock: DeviceClock;
  readonly #onSet: () => void;
  #isAsking = false;
  #timer: Timer | undefined;

  constructor(host: string, clock: DeviceClock, onSet: () => void) {
    this.#host = host;
    this.#clock = clock;
    this.#onSet = onSet;
    if (clock.wall().unix >= EARLIEST) clock.state = CLOCK_KEPT;
  }

  /** The network is there. Harmless while a question is open. */
  ask(): void {
    if (this.#isAsking) return;
    if (this.#timer !== undefined) this.#clock.clearTimer(this.#timer);
    this.#timer = undefined;
    this.#isAsking = true;
    try {
      new SNTP({ host: this.#host }, (message, seconds) => this.heard(message, seconds));
    } catch {
      this.later(RETRY);
    }
  }

  private heard(message: number, seconds: number | undefined): void {
    if (message === SNTP.time && seconds !== undefined) {
      Time.set(seconds);
      this.#clock.state = CLOCK_SET;
      this.later(AGAIN);
      this.#onSet();
    } else if (message === SNTP.error) this.later(RETRY);
  }

  private later(delay: number): void {
    this.#isAsking = false;
    this.#timer = this.#clock.setTimer(() => this.ask(), delay);
  }
}
