import { EARLIEST } from "../agent/time-of-day.js";
import { dateText } from "../text/date-text.js";
import { OperationError, type Step } from "./events.js";

/** Milliseconds after which hardly anybody uses a version any more, and a clock is rather wrong. */
const LIFE = 5 * 365.25 * 86_400_000;

export const CLOCK_HINT =
  "Set this machine's clock, then try again: boards take their time from it, and readings and orders are judged by it.";

/** Why the clock of the machine that this runs on cannot be right; undefined where it may be. `now`: Unix time in milliseconds. */
export function clockTrouble(now: number): string | undefined {
  const said = `this machine's clock says ${utc(now)}`;
  if (!(now >= EARLIEST)) return `${said}, which is before this version of Fieldmark was made`;
  if (now > EARLIEST + LIFE) return `${said}, years after this version of Fieldmark was made`;
  return undefined;
}

/** Throws OperationError `clock-wrong` before a board is told a time that cannot be, or judged by it. */
export function checkClock(now: number, step: Step): void {
  const trouble = clockTrouble(now);
  if (trouble !== undefined) throw new OperationError(step, "clock-wrong", trouble, CLOCK_HINT);
}

/** `2026-11-30 02:14 UTC`. */
export function utc(unix: number): string {
  const date = dateText(unix);
  return date === undefined ? String(unix) : `${date.slice(0, 16).replace("T", " ")} UTC`;
}
