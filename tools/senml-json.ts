import { z } from "zod";
import { MIN_EXPONENT, MIN_UNIX_SECONDS } from "../agent/frame/layout.js";
import { isSenmlName } from "../agent/frame/name.js";
import type { Reading } from "../agent/frame/parse.js";
import { isSenmlUnit } from "../agent/frame/units.js";
import { parseJson } from "../network/json-text.js";

/** Records of SenML in JSON (RFC 8428 §5) as far as frames can carry them: numbers with a name and a unit. */
const Record = z.strictObject({
  bn: z.string().optional(),
  bt: z.number().optional(),
  bu: z.string().optional(),
  bver: z.literal(10).optional(),
  n: z.string().optional(),
  u: z.string().optional(),
  v: z.number(),
  t: z.number().optional(),
});
const Pack = z.array(Record).min(1).max(255);

export interface DatedPack {
  /** Unix seconds at the base time; undefined where the pack says no time. */
  readonly time: number | undefined;
  readonly readings: readonly Reading[];
}

/** Reads a SenML pack from JSON text and resolves it. Throws RangeError that names the record and the flaw. */
export function readSenmlJson(text: string): DatedPack {
  const parsed = Pack.safeParse(parseJson(text));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new RangeError(`not a SenML pack: ${issue?.path.join(".") || "the whole"}: ${issue?.message}`);
  }
  let baseName = "";
  let baseTime = 0;
  let baseUnit = "";
  const resolved = parsed.data.map((record, index) => {
    baseName = record.bn ?? baseName;
    baseTime = record.bt ?? baseTime;
    baseUnit = record.bu ?? baseUnit;
    const name = baseName + (record.n ?? "");
    const unit = record.u ?? baseUnit;
    if (!isSenmlName(name)) fail(index, `"${name}" is not a SenML name of at most 64 characters`);
    if (!isSenmlUnit(unit)) fail(index, `"${unit}" is not in the SenML units registry`);
    const seconds = baseTime + (record.t ?? 0);
    const milliseconds = Math.round(seconds * 1000);
    if (!Number.isSafeInteger(milliseconds)) fail(index, `a time of ${seconds} s is beyond all dates`);
    return { name, unit, ...decimalOf(record.v, index), milliseconds };
  });
  return date(resolved);
}

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
function decimalOf(value: number, index: number): { mantissa: number; exponent: number } {
  const [, sign = "", whole = "", fraction = "", power = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value)) ?? [];
  const exponent = Number(power) - fraction.length;
  const digits = Number(`${sign}${whole}${fraction}`);
  const mantissa = exponent > 0 ? digits * 10 ** exponent : digits;
  if (exponent < MIN_EXPONENT) fail(index, `${value} has more than ${-MIN_EXPONENT} decimal places`);
  if (!Number.isSafeInteger(mantissa)) fail(index, `${value} is beyond 2^53`);
  return { mantissa: mantissa === 0 ? 0 : mantissa, exponent: Math.min(exponent, 0) };
}

function fail(index: number, detail: string): never {
  throw new RangeError(`record ${index}: ${detail}`);
}
