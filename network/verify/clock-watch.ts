import type { ClockState } from "../../agent/frame/chain.js";

/**
 * Seconds by which a board's time of day may move against its uptime while its clock stays in one state. A board believes a time server
 * that is off by up to 16 s and half a way of 2.5 s (firmware/esp32/ntp.ts), sets whole seconds, and may be set once more by another such.
 */
const STEP = 40;
/** Its crystal is off by less (firmware/esp32/time-keeper.ts), and for so many seconds that counts: with the step 5 minutes in all. */
const DRIFT = 100e-6;
const DRIFTS = 30 * 86_400;

/** What a frame says of its board's clock. */
export interface Moment {
  readonly boot: number;
  /** Seconds since the boot. */
  readonly uptime: number;
  readonly clock: ClockState;
  /** Unix seconds, where the clock is set. */
  readonly time: number | undefined;
}

/**
 * Holds a device's frames, in the order of signing, to what a clock can do within one boot. A clock whose state changes may move; one
 * that comes back to a state goes on from where it was in that.
 */
export class ClockWatch {
  #last: Moment | undefined;
  /** In this boot the first one of each state, or the first one since it jumped there. */
  #firsts: (Moment | undefined)[] = [];

  /** Why a frame cannot come after those before it. `isWrong`: its date is not believed anyway, and nothing is held against it. */
  jump({ boot, uptime, clock, time }: Moment, isWrong: boolean): string | undefined {
    const now = { boot, uptime, clock, time };
    const last = this.#last;
    if (last?.boot !== boot) this.#firsts = [];
    this.#last = now;
    const first = this.#firsts[clock];
    const move = isWrong ? undefined : first && moveBetween(first, now);
    if (!isWrong && (first === undefined || move !== undefined)) this.#firsts[clock] = now;
    return (last && fallBetween(last, now)) ?? move;
  }
}

/** The same of a frame that stands between two, whichever of them there are. */
export function jumpAmong(
  before: Moment | undefined,
  now: Moment,
  after: Moment | undefined,
): string | undefined {
  return (before && jumpBetween(before, now)) ?? (after && jumpBetween(now, after));
}

function jumpBetween(before: Moment, after: Moment): string | undefined {
  return fallBetween(before, after) ?? moveBetween(before, after);
}

function fallBetween(before: Moment, after: Moment): string | undefined {
  if (before.boot !== after.boot || after.uptime >= before.uptime) return undefined;
  return `its uptime falls from ${before.uptime} to ${after.uptime} s within a boot`;
}

function moveBetween(before: Moment, after: Moment): string | undefined {
  if (before.boot !== after.boot || before.clock !== after.clock) return undefined;
  if (before.time === undefined || after.time === undefined) return undefined;
  const moved = after.time - after.uptime - (before.time - before.uptime);
  if (Math.abs(moved) <= STEP + DRIFT * Math.min(after.uptime, DRIFTS)) return undefined;
  return `its time of day moves by ${moved} s against its uptime, and its clock's state does not change`;
}
