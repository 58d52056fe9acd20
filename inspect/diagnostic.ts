import { NEGATIVE, SIMPLE, UNSIGNED } from "../agent/cbor/major.js";
import { type Head, INDEFINITE, isLonger } from "../network/item-head.js";
import { quotedWithin } from "../text/visible.js";

const SIMPLE_NAMES = ["false", "true", "null", "undefined"];
const LONGEST_TEXT = 48;

/**
 * An item's head in diagnostic notation (RFC 8949 §8), with the encoding indicators of its §8.1: `_1` after a
 * number that is encoded in 2 bytes where fewer do. Strings and containers are named with their size.
 */
export function headNotation(head: Head): string {
  const { major, argument } = head;
  if (major === SIMPLE) return simpleNotation(head);
  if (head.info === INDEFINITE) return `${NAMES[major]}(_)`;
  const longer = isLonger(head) ? `_${head.info - 24}` : "";
  if (major === UNSIGNED) return `${argument}${longer}`;
  if (major === NEGATIVE) return `${negative(argument)}${longer}`;
  return `${NAMES[major]}(${argument}${longer})`;
}

const NAMES = ["", "", "bytes", "text", "array", "map", "tag"];

/** What a negative integer's argument stands for: -1 - argument (RFC 8949 §3.1). */
export function negative(argument: number | bigint): number | bigint {
  const value = -1n - BigInt(argument);
  return value >= BigInt(Number.MIN_SAFE_INTEGER) ? Number(value) : value;
}

/** The integer that a head is, or undefined where it is none. */
export function integerOf(head: Head): number | bigint | undefined {
  if (head.major === UNSIGNED) return head.argument;
  return head.major === NEGATIVE ? negative(head.argument) : undefined;
}

/** Text in quotes, the end of a long one left out. */
export const textNotation = (text: string): string => quotedWithin(text, LONGEST_TEXT);

function simpleNotation(head: Head): string {
  const { info, argument } = head;
  if (info === INDEFINITE) return "break";
  if (info >= 25) return floatNotation(head);
  const number = Number(argument);
  const name = info < 24 ? SIMPLE_NAMES[number - 20] : undefined;
  return name ?? `simple(${number}${isLonger(head) ? "_0" : ""})`;
}

/** The indicator always follows: 1.5_1 is in 16 bits, 1.5_3 in 64. */
function floatNotation({ info, argument }: Head): string {
  const view = new DataView(new ArrayBuffer(8));
  let value: number;
  if (info === 25) value = halfFloat(Number(argument));
  else if (info === 26) {
    view.setUint32(0, Number(argument));
    value = view.getFloat32(0);
  } else {
    view.setBigUint64(0, BigInt(argument));
    value = view.getFloat64(0);
  }
  const digits = Object.is(value, -0) ? "-0" : String(value);
  return `${digits}${/^-?\d+$/.test(digits) ? ".0" : ""}_${info - 24}`;
}

/** RFC 8949 appendix D. */
function halfFloat(bits: number): number {
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  const sign = bits & 0x8000 ? -1 : 1;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}
