import type { Position } from "../../agent/frame/chain.js";
import { MAX_UNIX_SECONDS } from "../../agent/frame/layout.js";
import { InputError } from "../../agent/input-error.js";
import { dateText } from "../../text/date-text.js";
import { quoted } from "../../text/visible.js";

/** One value in an address: how it is read, and how the OpenAPI description has it. */
export interface Parameter<T> {
  readonly description: string;
  /** JSON Schema of the text. */
  readonly schema: Readonly<Record<string, unknown>>;
  /** Throws InputError that says what it should be. */
  read(text: string): T;
}

export type Parameters = Readonly<Record<string, Parameter<unknown>>>;
export type Values<P extends Parameters> = { readonly [N in keyof P]: ReturnType<P[N]["read"]> };

/** Reads what stands in an address. Throws InputError for what is wrong, unknown or said twice. */
export function readParameters<P extends Parameters>(given: unknown, parameters: P): Partial<Values<P>> {
  const values: Record<string, unknown> = {};
  for (const [name, text] of Object.entries(given as Record<string, unknown>)) {
    const parameter = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    if (parameter === undefined)
      throw new InputError(`${quoted(name)} is not known here: ${known(parameters)}`);
    if (typeof text !== "string") throw new InputError(`${name} stands there twice: give it once`);
    values[name] = readOne(parameter, name, text);
  }
  return values as Partial<Values<P>>;
}

function readOne(parameter: Parameter<unknown>, name: string, text: string): unknown {
  try {
    return parameter.read(text);
  } catch (error) {
    throw error instanceof InputError ? new InputError(`${name}: ${error.message}`) : error;
  }
}

function known(parameters: Parameters): string {
  const names = Object.keys(parameters);
  return names.length === 0 ? "leave out what follows the ?" : `take ${names.join(", ")}`;
}

/** A parameter of which the whole text has this form. */
function matching<T>(
  pattern: RegExp,
  description: string,
  read: (text: string) => T | undefined,
  schema: object = {},
): Parameter<T> {
  return {
    description,
    schema: { type: "string", pattern: pattern.source, ...schema },
    read(text) {
      const value = pattern.test(text) ? read(text) : undefined;
      if (value === undefined) throw new InputError(`${quoted(text)} will not do: ${description}`);
      return value;
    },
  };
}

const KID = "a device is named by its kid, 16 digits of lower-case hex";
export const kid = matching(/^[0-9a-f]{16}$/, KID, String);
export const afterKid = matching(/^[0-9a-f]{16}$/, `devices behind this one alone; ${KID}`, String);

const COUNTER = /^(0|[1-9][0-9]{0,15})$/;
const counter = (text: string) => (Number.isSafeInteger(Number(text)) ? Number(text) : undefined);
export const boot = matching(COUNTER, "the number of the device's boot, from 1", counter);
export const sequence = matching(COUNTER, "the number of the frame in its boot, from 0", counter);
export const epoch = matching(COUNTER, "the number of the epoch", counter);
export const before = matching(COUNTER, "rejections with a lower number alone", counter);

export const after = matching(
  /^(0|[1-9][0-9]{0,15}):(0|[1-9][0-9]{0,15})$/,
  "frames behind this position alone; a position is BOOT:SEQUENCE, as in 3:120",
  (text): Position | undefined => {
    const [boot, sequence] = text.split(":").map(counter);
    return boot === undefined || sequence === undefined ? undefined : { boot, sequence };
  },
);

/** The most that a page holds. */
export const MAX_PAGE = 1000;
export const limit = matching(/^[1-9][0-9]{0,3}$/, `how many a page holds, 1 to ${MAX_PAGE}`, (text) =>
  Number(text) <= MAX_PAGE ? Number(text) : undefined,
);

const DATE = /^(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d(?:\.\d{1,9})?)(?:[Zz]|([+ -])(\d\d:\d\d))$/;
const SECONDS = /^\d{1,12}(\.\d{1,9})?$/;
const TIME = "2026-11-30T12:00:00Z (RFC 3339), or Unix seconds";
const time = (what: string) =>
  matching(new RegExp(`${DATE.source}|${SECONDS.source}`), `${what}; a time is ${TIME}`, unixSeconds);
export const from = time("frames of this time and later alone");
export const until = time("frames of this time and earlier alone");

function unixSeconds(text: string): number | undefined {
  const [, day, hours, sign, offset = "00:00"] = DATE.exec(text) ?? [];
  if (day === undefined) return Number(text) <= MAX_UNIX_SECONDS ? Number(text) : undefined;
  // Date.parse takes the 30th of February for the 2nd of March.
  const midnight = Date.parse(`${day}T00:00:00Z`);
  if (dateText(midnight)?.slice(0, day.length) !== day) return undefined;
  // A plus that was not written as %2B arrives as a space.
  const date = Date.parse(`${day}T${hours}${sign === "-" ? "-" : "+"}${offset}`);
  return Number.isNaN(date) ? undefined : date / 1000;
}

/** One of these words. */
export const oneOf = <W extends string>(words: readonly W[], description: string): Parameter<W> => ({
  description,
  schema: { type: "string", enum: words },
  read(text) {
    const word = words.find((one) => one === text);
    if (word === undefined) throw new InputError(`${quoted(text)} will not do: take ${words.join(", ")}`);
    return word;
  },
});
