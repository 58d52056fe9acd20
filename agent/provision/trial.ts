import type { Clock, Timer } from "../ports/clock.js";
import type { SettingsStore } from "./settings-store.js";

/** Milliseconds after which what has passed of a round is written down: flash wears. */
const STEP = 60_000;
/** Milliseconds until the next try where the store failed. */
const SOON = 1000;
/** Milliseconds that a round lasts at most, where a trial is not longer: rounds grow while neither settings work. */
const LONGEST = 60 * 60_000;
const NOT_TAKEN = "no broker acknowledged a frame";
const NO_TIME = "the time server did not answer";

export type TrialEvent =
  /** This boot tries new settings, for so many milliseconds more at most. */
  | { readonly type: "settings-trial"; readonly left: number }
  /** These settings did not work: the board restarts with the other ones. */
  | { readonly type: "settings-failed"; readonly reason: string }
  /** A broker has acknowledged a frame under the new settings: they count from now on. */
  | { readonly type: "settings-kept" }
  /** A broker has acknowledged a frame under the settings before: the new ones, which lost their turn for this reason, are forgotten. */
  | { readonly type: "settings-reverted"; readonly reason: string };

/** The board as a trial sees it: one object, since each function that is made at run time takes memory. */
export interface TrialHost {
  /** Whether the network has set the clock in this boot. */
  hasTime(): boolean;
  /** Makes a frame now, where sensors give something. May throw. */
  makeFrame(): void;
  restart(): void;
  /** Must not throw. */
  tell(event: TrialEvent): void;
}

/**
 * Judges the settings that this boot runs with, by whether a broker acknowledges a frame. New ones that had no luck give way to those that
 * worked before; where those have none any more either, the two take turns, since either may be right.
 */
export class Trial {
  readonly #kept: SettingsStore;
  readonly #clock: Clock;
  readonly #time: number;
  readonly #host: TrialHost;
  #hasWorked: boolean;
  #timer: Timer | undefined;
  #since = 0;
  /** Milliseconds until the timer. */
  #step = 0;
  /** Milliseconds since settings were changed that only the next boot reads. */
  #staleFor = 0;
  #isJudging = false;
  #wasTaken = false;
  readonly #isTime = () => this.pass();
  readonly #judge = () => this.judge();

  /** `time`: milliseconds that new settings have. */
  constructor(kept: SettingsStore, clock: Clock, time: number, host: TrialHost) {
    this.#kept = kept;
    this.#clock = clock;
    this.#time = time;
    this.#host = host;
    this.#hasWorked = kept.hasWorked;
    this.begin();
  }

  /** Where a trial is under way: also when a technician has just brought the board into another network. */
  begin(): void {
    if (this.#kept.round === undefined || this.#kept.isStale) return;
    this.#wasTaken = false;
    if (this.#kept.isTried) this.#host.tell({ type: "settings-trial", left: this.left });
    this.arm();
  }

  stop(): void {
    if (this.#timer !== undefined) this.#clock.clearTimer(this.#timer);
    this.#timer = undefined;
  }

  /** A broker is there: it need not wait for the next reading. */
  connected(): void {
    if (this.#kept.round !== undefined) this.#clock.setTimer(() => this.frame(), 0);
  }

  /** A broker of the settings' own has acknowledged a frame. The stack may be deep: it is judged later. */
  taken(): void {
    const isOver = this.#kept.round === undefined && this.#hasWorked;
    if (isOver || this.#isJudging || this.#kept.isStale) return;
    this.#isJudging = true;
    this.#clock.setTimer(this.#judge, 0);
  }

  private judge(): void {
    this.#isJudging = false;
    if (this.#kept.isStale) return;
    const { round, isTried } = this.#kept;
    this.#wasTaken = true;
    if (isTried && round?.hasNewTime && !this.#host.hasTime()) return;
    try {
      this.#kept.keep();
    } catch {
      return; // the store failed: the next acknowledgement tries again
    }
    this.#hasWorked = true;
    this.stop();
    if (round === undefined) return;
    this.#host.tell(
      isTried ? { type: "settings-kept" } : { type: "settings-reverted", reason: round.reason },
    );
  }

  private get left(): number {
    const { number, spent } = this.#kept.round ?? { number: 0, spent: 0 };
    const longest = Math.max(this.#time, LONGEST);
    return Math.max(0, Math.min(this.#time * 2 ** Math.min(number >> 1, 16), longest) - spent);
  }

  private arm(): void {
    this.stop();
    this.#since = this.#clock.uptime();
    this.#step = Math.max(SOON, Math.min(this.left, STEP));
    this.#timer = this.#clock.setTimer(this.#isTime, this.#step);
  }

  private pass(): void {
    this.#timer = undefined;
    if (this.#wasTaken) this.taken(); // the time may be known by now
    const passed = Math.ceil(Math.max(this.#clock.uptime() - this.#since, this.#step));
    if (this.#kept.isStale) {
      // Nobody has restarted the board, and what it runs with is not proven.
      this.#staleFor += passed;
      if (this.#staleFor >= this.#time) this.#host.restart();
      else this.arm();
      return;
    }
    try {
      this.#kept.spend(passed);
      if (this.left === 0) {
        const reason = this.#wasTaken ? NO_TIME : NOT_TAKEN;
        this.#host.tell({ type: "settings-failed", reason });
        this.#kept.next(reason);
        this.#host.restart();
        return;
      }
    } catch {
      // The store fails: what passed counts in this boot.
    }
    this.frame();
    this.arm();
  }

  private frame(): void {
    try {
      this.#host.makeFrame();
    } catch {
      // No sensor gives anything now.
    }
  }
}
