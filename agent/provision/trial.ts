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
  /** These settings did not work: the board starts anew with the other ones. */
  | { readonly type: "settings-failed"; readonly reason: string }
  /** A broker has acknowledged a frame under the new settings: they count from now on. */
  | { readonly type: "settings-kept" }
  /** A broker has acknowledged a frame under the settings before: the new ones, which lost their turn for this reason, are forgotten. */
  | { readonly type: "settings-reverted"; readonly reason: string };

export interface TrialInit {
  readonly kept: SettingsStore;
  readonly clock: Clock;
  /** Milliseconds that new settings have. */
  readonly time: number;
  /** Whether the network has set the clock in this boot. */
  readonly hasTime: () => boolean;
  /** Makes a frame now, where sensors give something. May throw. */
  readonly makeFrame: () => void;
  readonly restart: () => void;
  /** Must not throw. */
  readonly observe: (event: TrialEvent) => void;
}

/**
 * Judges the settings that this boot runs with, by whether a broker acknowledges a frame. New ones that had no luck give way to those that
 * worked before; where those have none any more either, the two take turns, since either may be right.
 */
export class Trial {
  readonly #init: TrialInit;
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

  constructor(init: TrialInit) {
    this.#init = init;
    this.#hasWorked = init.kept.hasWorked;
    this.begin();
  }

  /** Where a trial is under way: also when a technician has just brought the board into another network. */
  begin(): void {
    const { kept, observe } = this.#init;
    if (kept.round === undefined || kept.isStale) return;
    this.#wasTaken = false;
    if (kept.isTried) observe({ type: "settings-trial", left: this.left });
    this.arm();
  }

  stop(): void {
    if (this.#timer !== undefined) this.#init.clock.clearTimer(this.#timer);
    this.#timer = undefined;
  }

  /** A broker is there: it need not wait for the next reading. */
  connected(): void {
    if (this.#init.kept.round !== undefined) this.#init.clock.setTimer(() => this.frame(), 0);
  }

  /** A broker of the settings' own has acknowledged a frame. The stack may be deep: it is judged later. */
  taken(): void {
    const { kept, clock } = this.#init;
    const isOver = kept.round === undefined && this.#hasWorked;
    if (isOver || this.#isJudging || kept.isStale) return;
    this.#isJudging = true;
    clock.setTimer(this.#judge, 0);
  }

  private judge(): void {
    this.#isJudging = false;
    const { kept, observe, hasTime } = this.#init;
    if (kept.isStale) return;
    const { round, isTried } = kept;
    this.#wasTaken = true;
    if (isTried && round?.hasNewTime && !hasTime()) return;
    try {
      kept.keep();
    } catch {
      return; // the store failed: the next acknowledgement tries again
    }
    this.#hasWorked = true;
    this.stop();
    if (round === undefined) return;
    observe(isTried ? { type: "settings-kept" } : { type: "settings-reverted", reason: round.reason });
  }

  private get left(): number {
    const { kept, time } = this.#init;
    const { number, spent } = kept.round ?? { number: 0, spent: 0 };
    const longest = Math.max(time, LONGEST);
    return Math.max(0, Math.min(time * 2 ** Math.min(number >> 1, 16), longest) - spent);
  }

  private arm(): void {
    const { clock } = this.#init;
    this.stop();
    this.#since = clock.uptime();
    this.#step = Math.max(SOON, Math.min(this.left, STEP));
    this.#timer = clock.setTimer(this.#isTime, this.#step);
  }

  private pass(): void {
    this.#timer = undefined;
    const { kept, clock, time, observe, restart } = this.#init;
    if (this.#wasTaken) this.taken(); // the time may be known by now
    const passed = Math.ceil(Math.max(clock.uptime() - this.#since, this.#step));
    if (kept.isStale) {
      // Nobody has started the board anew, and what it runs with is not proven.
      this.#staleFor += passed;
      if (this.#staleFor >= time) restart();
      else this.arm();
      return;
    }
    try {
      kept.spend(passed);
      if (this.left === 0) {
        const reason = this.#wasTaken ? NO_TIME : NOT_TAKEN;
        observe({ type: "settings-failed", reason });
        kept.next(reason);
        restart();
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
      this.#init.makeFrame();
    } catch {
      // No sensor gives anything now.
    }
  }
}
