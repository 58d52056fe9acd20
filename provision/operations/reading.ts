import { CLOCK_SET } from "../../agent/frame/chain.js";
import { createFrameChecker } from "../../agent/frame/check.js";
import type { Frame } from "../../agent/frame/parse.js";
import type { SignatureChecker } from "../../agent/ports/signer.js";
import type { Statement } from "../../agent/provision/read-statement.js";
import { describeReadings, type JudgedReading } from "../../network/verify/judgement.js";
import { quoted, visible } from "../../text/visible.js";
import type { BoardClient } from "../board-client.js";
import { CLOCK_HINT, checkClock, utc } from "../clock.js";
import { type Operation, OperationError } from "../events.js";
import { asked } from "./board.js";

/** Seconds by which a board's clock, which was just set or has its time from the network, may differ from this machine's. */
const CLOCK_OFF = 120;

/** What a quantity may be, by its name: as the site file says, and the registry will. */
export type Ranges = ReadonlyMap<
  string,
  { readonly unit: string; readonly min: number; readonly max: number }
>;

export interface ReadingOptions {
  readonly network: string;
  readonly checker: SignatureChecker;
  /** Unix time in milliseconds. */
  readonly now: () => number;
  /** What is believed of what the board says that it measures. Left out: anything. */
  readonly ranges?: (quantities: Statement["quantities"]) => Ranges;
}

export interface FirstReading {
  readonly frame: Uint8Array;
  readonly readings: readonly JudgedReading[];
}

/**
 * Has the board sample and sign now, and checks the frame as a verifier does: form, network, key,
 * signature, and that the values are among those that are believed. Throws OperationError
 * `reading-missing`, `reading-bad`, `clock-wrong`.
 */
export async function* firstReading(
  client: BoardClient,
  statement: Statement,
  options: ReadingOptions,
): Operation<FirstReading> {
  yield { type: "step", step: "reading" };
  checkClock(options.now(), "reading");
  const frame = await asked("reading", "reading-missing", () => client.reading());
  const readings = checkReading(frame, statement, options);
  yield { type: "reading", frame, readings };
  return { frame, readings };
}

/** The same of a frame that is there. `now`: when it was made. Throws OperationError `reading-bad`, `clock-wrong`. */
export function checkReading(
  bytes: Uint8Array,
  statement: Statement,
  options: ReadingOptions,
): readonly JudgedReading[] {
  const { network, checker, now, ranges } = options;
  const isBoard = (kid: Uint8Array) => kid.every((byte, i) => statement.kid[i] === byte);
  const enrolment = {
    network,
    publicKey: (kid: Uint8Array) => (isBoard(kid) ? statement.publicKey : undefined),
  };
  const result = createFrameChecker(enrolment, checker).check(bytes);
  if ("failure" in result) throw bad(`${result.failure.verdict}: ${result.failure.detail}`);
  const { frame } = result;
  if (frame.readings.length === 0) throw bad("the frame holds no reading");
  const time = dated(frame, now() / 1000);
  const readings = describeReadings(frame.readings, time);
  const believed = ranges?.(statement.quantities);
  if (believed !== undefined) for (const reading of readings) checkRange(reading, believed);
  return readings;
}

function dated({ time, clock }: Frame, now: number): number | null {
  if (time === undefined) return null;
  // The board took this machine's time a moment ago, unless it has a better one from the network.
  if (Math.abs(time - now) > CLOCK_OFF)
    throw new OperationError(
      "reading",
      "clock-wrong",
      `this machine's clock says ${utc(now * 1000)}, the board dates its reading ${utc(time * 1000)}${clock === CLOCK_SET ? ": it has its time from its network" : ""}`,
      CLOCK_HINT,
    );
  return time;
}

function checkRange({ name, unit, value }: JudgedReading, ranges: Ranges): void {
  const range = ranges.get(name);
  if (range === undefined) throw bad(`out-of-range: nobody expects ${quoted(name)} from this board`);
  if (range.unit !== unit)
    throw bad(`out-of-range: ${quoted(name)} is in ${visible(unit)}, not in ${range.unit}`);
  if (value < range.min || value > range.max)
    throw bad(`out-of-range: ${quoted(name)} is ${value} ${unit}, and not from ${range.min} to ${range.max}`);
}

const bad = (message: string) =>
  new OperationError("reading", "reading-bad", message, "Check the sensor and its wiring, then try again.");
