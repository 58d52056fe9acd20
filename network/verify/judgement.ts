import { hex } from "../../agent/cose/kid.js";
import type { DroppedRange } from "../../agent/frame/chain.js";
import type { Reading, Readings } from "../../agent/frame/pack.js";
import type { Frame } from "../../agent/frame/parse.js";
import type { Verdict } from "../../agent/frame/verdict.js";

export interface JudgedReading {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  /** Unix seconds, or null where the frame could not be dated. */
  readonly time: number | null;
}

/** How a frame came to its judge. */
export interface Arrival {
  /** The broker's URL without passwords. */
  readonly broker: string;
  readonly topic: string;
  /** Unix seconds, by the judge's own clock. */
  readonly received: number;
}

/** What is said of one frame, as `fieldmark verify` prints it. */
export interface Judgement {
  /** The verdict is "ok". */
  readonly ok: boolean;
  readonly verdict: Verdict;
  /** What is wrong, for people. */
  readonly detail?: string;
  /** did:key; null where the frame names no enrolled device. */
  readonly device: string | null;
  /** As the frame claims it, in hex. Missing, like all that follows, where the frame could not be read. */
  readonly kid?: string;
  readonly site?: string;
  readonly boot?: number;
  readonly sequence?: number;
  /** Unix seconds at the pack's base time, or null where the frame could not be dated. */
  readonly time?: number | null;
  readonly clock?: number;
  /** Seconds since boot at the pack's base time. */
  readonly uptime?: number;
  readonly dropped?: readonly DroppedRange[];
  /** Only where the signature is good. */
  readonly readings?: readonly JudgedReading[];
  /** Where a stretch starts that is no frame, as an offset in the sequence. */
  readonly offset?: number;
  /** Length of the frame or of the stretch. */
  readonly bytes: number;
  /** How it came, where a broker brought it: the first time, of several. */
  readonly broker?: string;
  readonly topic?: string;
  readonly received?: number;
}

/** 10^0 to 10^9: a frame has no smaller exponent than -9. */
const POWERS = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];

/**
 * mantissa × 10^exponent as the number nearest to it, so that 215e-1 is 21.5 exactly. Mantissa and
 * power are exact, so IEEE 754 rounds once, in the division; times 0.1 would be rounded twice.
 */
export function toNumber({ mantissa, exponent }: Pick<Reading, "mantissa" | "exponent">): number {
  return exponent === 0 ? mantissa : mantissa / (POWERS[-exponent] as number);
}

/** The frame's own account of itself. `time`: dated by the judge where the frame is not. */
export function describe(frame: Frame, time: number | null) {
  const { boot, sequence, clock, uptime, dropped } = frame;
  return {
    kid: hex(frame.kid),
    boot,
    sequence,
    time,
    clock,
    uptime,
    ...(dropped.length > 0 && { dropped }),
    bytes: frame.bytes.length,
  };
}

export function describeReadings(readings: Readings, time: number | null): JudgedReading[] {
  const described = new Array<JudgedReading>(readings.length);
  const pack = readings.walk();
  let age = Number.NaN;
  let at = time;
  for (let i = 0; pack.next(); i++) {
    // Most readings are as old as the one before, and each number that is worked out is garbage.
    if (at !== null && pack.age !== age) at = ((time as number) * 1000 - pack.age) / 1000;
    age = pack.age;
    described[i] = { name: pack.name, unit: pack.unit, value: toNumber(pack), time: at };
  }
  return described;
}

/**
 * What a broker brought says how it came. The judgement itself is changed: to spread it into another
 * object takes 50 times as long, a tenth of all that a frame takes.
 */
export function withArrival(judgement: Judgement, origin: Arrival | "store" | undefined): Judgement {
  return origin === undefined || origin === "store" ? judgement : Object.assign(judgement, origin);
}
