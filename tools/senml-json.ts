import { z } from "zod";
import { MIN_EXPONENT, MIN_UNIX_SECONDS } from "../agent/frame/layout.js";
import { isSenmlName } from "../agent/frame/name.js";
import type { Reading } from "../agent/frame/pack.js";
import { isSenmlUnit } from "../agent/frame/units.js";
import { InputError } from "../agent/input-error.js";
import { parseJson } from "../text/json-text.js";
import { quoted } from "../text/visible.js";
import { issueText } from "../text/zod-issue.js";

/**
 * Records of SenML in JSON (RFC 8428 §5). A member that is not known is ignored, unless its name ends in _ (§4.4). The update
 * time and the base of sums say nothing of a reading, and are read over.
 */
const Record = z.looseObject({
  bn: z.string().optional(),
  bt: z.number().optional(),
  bu: z.string().optional(),
  bv: z.number().optional(),
  bs: z.number().optional(),
  bver: z.int().positive().optional(),
  n: z.string().optional(),
  u: z.string().optional(),
  v: z.number().optional(),
  t: z.number().optional(),
  ut: z.number().optional(),
});
type Record = z.infer<typeof Record>;
const Pack = z.array(Record).min(1);

/** What a record can say and a frame cannot hold (docs/protocol.md). */
const NOT_HELD = { vs: "a text", vb: "a boolean", vd: "data", s: "a sum" };
/** Members of a record that is a reading. One with base members alone is none: it is in force for those after it. */
const OF_A_READING = ["n", "u", "v", "t", "ut"] as const;
/** RFC 8428 §4.4; and what RFC 9100 makes of it with secondary units, which frames have. */
const VERSION = 10;
const VERSION_WITH_SECONDARY_UNITS = 26;
const MAX_READINGS = 255;
/** In the year 2106. Whatever is later was not meant in seconds. */
const MAX_UNIX_SECONDS = 2 ** 32;
const FINER_THAN_SECONDS = [
  [1e3, "milliseconds"],
  [1e6, "microseconds"],
  [1e9, "nanoseconds"],
] as const;

export interface DatedPack {
  /** Unix seconds at the base time; undefined where the pack says no time. */
  readonly time: number | undefined;
  readonly readings: readonly Reading[];
}

/** Reads a SenML pack from JSON text and resolves it. Throws InputError that names the record and the flaw. */
export function readSenmlJson(text: string): DatedPack {
  const parsed = Pack.safeParse(parseJson(text));
  if (!parsed.success) throw new InputError(`not a SenML pack: ${issueText(parsed.error)}`);
  let baseName = "";
  let baseTime = 0;
  let baseUnit = "";
  let baseValue: Decimal | undefined;
  let version: number | undefined;
  const resolved: Resolved[] = [];
  for (const [index, record] of parsed.data.entries()) {
    checkMembers(record, index);
    if (record.bver !== undefined) version = sameVersion(record.bver, version, index);
    baseName = record.bn ?? baseName;
    baseTime = record.bt ?? baseTime;
    baseUnit = record.bu ?? baseUnit;
    if (record.bv !== undefined) baseValue = decimalOf(record.bv, index);
    if (OF_A_READING.every((member) => record[member] === undefined)) continue;
    if (record.v === undefined && baseValue === undefined)
      throw new InputError(`not a SenML pack: ${index}.v: a reading has a value, "v"`);
    const name = baseName + (record.n ?? "");
    const unit = record.u ?? baseUnit;
    if (!isSenmlName(name)) fail(index, `${quoted(name)} is not a SenML name of at most 64 characters`);
    if (!isSenmlUnit(unit)) fail(index, `${quoted(unit)} is not in the SenML units registry`);
    const own = decimalOf(record.v ?? 0, index);
    const value = baseValue === undefined ? own : sum(baseValue, own, index);
    resolved.push({ name, unit, ...value, milliseconds: millisecondsOf(baseTime + (record.t ?? 0), index) });
  }
  if (resolved.length === 0)
    throw new InputError("not a SenML pack: the whole: no record of it is a reading");
  if (resolved.length > MAX_READINGS)
    throw new InputError(
      `not a SenML pack: the whole: ${resolved.length} readings, and a frame holds ${MAX_READINGS}: sign it in parts`,
    );
  return date(resolved);
}

function checkMembers(record: Record, index: number): void {
  for (const member of Object.keys(record)) {
    const what = Object.hasOwn(NOT_HELD, member) ? NOT_HELD[member as keyof typeof NOT_HELD] : undefined;
    if (what !== undefined)
      throw new InputError(
        `not a SenML pack: ${index}: "${member}" is ${what}, and a frame holds numbers ("v") alone`,
      );
    if (member.endsWith("_"))
      throw new InputError(
        `not a SenML pack: ${index}: ${quoted(member)} must be understood (RFC 8428 §4.4), and is not`,
      );
  }
}

function sameVersion(version: number, before: number | undefined, index: number): number {
  if (version > VERSION && version !== VERSION_WITH_SECONDARY_UNITS)
    throw new InputError(
      `not a SenML pack: ${index}.bver: version ${version}; up to ${VERSION} is understood`,
    );
  if (before !== undefined && before !== version)
    throw new InputError(
      `not a SenML pack: ${index}.bver: ${version} after ${before}: a pack has one version`,
    );
  return version;
}

function millisecondsOf(seconds: number, index: number): number {
  const milliseconds = Math.round(seconds * 1000);
  if (!Number.isSafeInteger(milliseconds)) fail(index, `a time of ${seconds} s is beyond all dates`);
  if (seconds < MAX_UNIX_SECONDS) return milliseconds;
  for (const [part, unit] of FINER_THAN_SECONDS)
    if (seconds / part >= MIN_UNIX_SECONDS && seconds / part < MAX_UNIX_SECONDS)
      fail(index, `a time of ${seconds}: SenML has seconds, and these look like ${unit}`);
  fail(index, `a time of ${seconds} s is later than the year 2105`);
}

type Decimal = Pick<Reading, "mantissa" | "exponent">;
type Resolved = Omit<Reading, "age"> & { readonly milliseconds: number };

function date(resolved: readonly Resolved[]): DatedPack {
  const latest = Math.max(...resolved.map(({ milliseconds }) => milliseconds));
  const isDated = latest >= MIN_UNIX_SECONDS * 1000;
  const base = isDated ? Math.ceil(latest / 1000) : 0;
  const readings = resolved.map(({ milliseconds, ...reading }, index) => {
    const age = base * 1000 - milliseconds;
    if (!isDated && age < 0)
      fail(index, "a time after now: give times in Unix seconds, or 0 and less for now and before");
    if (age >= MIN_UNIX_SECONDS * 1000)
      fail(index, "too far from the latest reading; are some times relative?");
    return { ...reading, age };
  });
  return { time: isDated ? base : undefined, readings };
}

/** The decimal that the number's shortest text says: 21.5 is 215 × 10^-1. */
function decimalOf(value: number, index: number): Decimal {
  const [, sign = "", whole = "", fraction = "", power = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value)) ?? [];
  const exponent = Number(power) - fraction.length;
  const digits = Number(`${sign}${whole}${fraction}`);
  const mantissa = exponent > 0 ? digits * 10 ** exponent : digits;
  if (exponent < MIN_EXPONENT) fail(index, `${value} has more than ${-MIN_EXPONENT} decimal places`);
  if (!Number.isSafeInteger(mantissa)) fail(index, `${value} is beyond 2^53`);
  return { mantissa: mantissa === 0 ? 0 : mantissa, exponent: Math.min(exponent, 0) };
}

/** Exactly: 0.1 and 0.2 are 0.3. */
function sum(a: Decimal, b: Decimal, index: number): Decimal {
  let exponent = Math.min(a.exponent, b.exponent);
  const scaled = ({ mantissa, exponent: own }: Decimal) => BigInt(mantissa) * 10n ** BigInt(own - exponent);
  let mantissa = scaled(a) + scaled(b);
  for (; exponent < 0 && mantissa % 10n === 0n; exponent++) mantissa /= 10n;
  if (!Number.isSafeInteger(Number(mantissa))) fail(index, "its value and the base value are beyond 2^53");
  return { mantissa: Number(mantissa), exponent };
}

function fail(index: number, detail: string): never {
  throw new InputError(`record ${index}: ${detail}`);
}
