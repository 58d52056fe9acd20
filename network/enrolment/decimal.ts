import { ARRAY, NEGATIVE, TAG, TAG_DECIMAL, UNSIGNED } from "../../agent/cbor/major.js";
import type { CborReader } from "../../agent/cbor/reader.js";
import type { Decimal } from "../../agent/cbor/value.js";
import type { CborWriter } from "../../agent/cbor/writer.js";
import { MAX_EXPONENT, MIN_EXPONENT } from "../../agent/frame/layout.js";
import { InputError } from "../../agent/input-error.js";
import { toNumber } from "../verify/judgement.js";

/**
 * A number in its one encoding, that of a frame's values: an integer, or tag 4 with an exponent of
 * -9 to -1. `what` names it. Throws InputError for what has more decimal places or digits.
 */
export function writeNumber(writer: CborWriter, value: number, what: string): void {
  const { mantissa, exponent } = decimalOf(value, what);
  writer.decimal(mantissa, exponent);
}

/** Throws CborError for any other encoding. */
export function readNumber(reader: CborReader): number {
  const major = reader.head();
  if (major === UNSIGNED) return reader.argument;
  if (major === NEGATIVE) return -1 - reader.argument;
  if (major !== TAG || reader.argument !== TAG_DECIMAL)
    reader.fail("unexpected", "expected an integer or a decimal fraction (tag 4)");
  if (reader.expect(ARRAY) !== 2) reader.fail("unexpected", "a decimal fraction has two parts");
  const exponent = reader.int();
  if (exponent < MIN_EXPONENT || exponent > MAX_EXPONENT)
    reader.fail("unexpected", `an exponent is ${MIN_EXPONENT} to ${MAX_EXPONENT}`);
  const mantissa = reader.int();
  if (mantissa % 10 === 0) reader.fail("non-shortest", "a decimal fraction with a trailing zero");
  return toNumber({ mantissa, exponent });
}

/** The digits that JavaScript writes: 1.5, 1e-7 and 1e+21 alike. */
function decimalOf(value: number, what: string): Decimal {
  const [, sign, whole, fraction = "", power = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value)) ?? [];
  const exponent = Number(power) - fraction.length;
  const digits = Number(`${sign ?? ""}${whole ?? "no number"}${fraction}`);
  const mantissa = exponent > 0 ? value : digits;
  if (!Number.isSafeInteger(mantissa) || exponent < MIN_EXPONENT)
    throw new InputError(`${what}: ${value} has more than 9 decimal places, or too many digits`);
  return { mantissa, exponent: Math.min(exponent, 0) };
}
