import Time from "time";
import { CLOCK_KEPT, CLOCK_SET } from "../../agent/frame/chain.js";
import type { Timer } from "../../agent/ports/clock.js";
import { isPlausible } from "../../agent/time-of-day.js";
import type { DeviceClock } from "../platform.js";
import type { NetworkTime, SntpOutcome } from "./ntp.js";
import { SntpRound } from "./sntp-client.js";

/** Milliseconds from a good answer to the next question: a board's crystal is off by less than half a second then. */
const AGAIN = 6 * 3_600_000;
/** Milliseconds from a round without an answer to the next, and from one whose server does not want to be asked. */
const RETRY = 60_000;
const KISSED = 3_600_000;
/** By how much a board's crystal may be off, with room. */
const DRIFT = 100e-6;
/** The SDK sets whole seconds. */
const ROUNDING = 500;
/** Rounds in a row that must contradict a clock that the network has set before it is believed that it is wrong. */
const CONTRADICTIONS = 3;

/**
 * Has the time of day set from the network, and says what is known of it. The real-time counter runs on through every reset
 * but the loss of power. A clock that the network has set in this boot is set again only by what is better.
 */
export class TimeKeeper {
  readonly #host: string;
  readonly #clock: DeviceClock;
  readonly #onSet: () => void;
  readonly #onFailed: (reason: string) => void;
  #isAsking = false;
  #timer: Timer | undefined;
  /** By how many milliseconds the clock can be off at the uptime at which it was set. */
  #error = 0;
  #setAt = 0;
  #contradictions = 0;

  constructor(host: string, clock: DeviceClock, onSet: () => void, onFailed: (reason: string) => void) {
    this.#host = host;
    this.#clock = clock;
    this.#onSet = onSet;
    this.#onFailed = onFailed;
    if (isPlausible(clock.wall().unix, clock.earliest)) clock.state = CLOCK_KEPT;
  }

  /** The network is there. Harmless while a question is open. */
  ask(): void {
    if (this.#isAsking) return;
    if (this.#timer !== undefined) this.#clock.clearTimer(this.#timer);
    this.#timer = undefined;
    this.#isAsking = true;
    try {
      new SntpRound(this.#host, this.#clock, this.#clock.earliest, (outcome) => this.heard(outcome));
    } catch (error) {
      this.failed(String(error), RETRY);
    }
  }

  private heard({ time, reason = "", isKiss }: SntpOutcome): void {
    if (time === undefined) this.failed(reason, isKiss ? KISSED : RETRY);
    else if (this.isBetter(time)) this.set(time);
  }

  /** Says what is to be done where it is not. */
  private isBetter({ epoch, error }: NetworkTime): boolean {
    if (this.#clock.state !== CLOCK_SET) return true;
    const now = this.#clock.uptime();
    const off = this.#error + (now - this.#setAt) * DRIFT;
    const difference = Math.abs(epoch + now - this.#clock.wall().unix);
    if (difference > off + error + ROUNDING) {
      if (++this.#contradictions >= CONTRADICTIONS) return true;
      this.failed(`it differs from a clock that was set by ${Math.round(difference / 1000)} s`, RETRY);
      return false;
    }
    this.#contradictions = 0;
    if (error + ROUNDING < off) return true;
    this.later(AGAIN);
    return false;
  }

  private set({ epoch, error }: NetworkTime): void {
    const now = this.#clock.uptime();
    Time.set(Math.round((epoch + now) / 1000));
    this.#clock.state = CLOCK_SET;
    this.#error = error + ROUNDING;
    this.#setAt = now;
    this.#contradictions = 0;
    this.later(AGAIN);
    this.#onSet();
  }

  private failed(reason: string, delay: number): void {
    this.later(delay);
    this.#onFailed(reason);
  }

  private later(delay: number): void {
    this.#isAsking = false;
    this.#timer = this.#clock.setTimer(() => this.ask(), delay);
  }
}
