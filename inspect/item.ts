import { ARRAY, BYTES, TAG, TAG_DECIMAL, TEXT } from "../agent/cbor/major.js";
import { readUtf8 } from "../agent/cbor/utf8.js";
import { type Head, INDEFINITE, readHead } from "../network/item-head.js";
import { decimalText } from "../text/decimal-text.js";
import { integerOf } from "./diagnostic.js";

const LONGEST_LIST = 8;

/** One item, as far as a meaning can be told from it; what it is not is undefined. */
export interface Item {
  readonly head: Head;
  readonly integer: number | bigint | undefined;
  /** A text string that is whole and UTF-8. */
  readonly text: string | undefined;
  /** A byte string that is whole. */
  readonly bytes: Uint8Array | undefined;
  /** An integer or a decimal fraction, written out. */
  readonly decimal: string | undefined;
  /** An array of at most 8 integers. */
  readonly integers: readonly (number | bigint)[] | undefined;
}

/** Looks at the item whose `head` is at `at`, without going past `end`. */
export function lookAt(input: Uint8Array, at: number, end: number, head: Head): Item {
  const from = at + head.bytes;
  const integer = integerOf(head);
  const isWhole = head.info !== INDEFINITE && Number(head.argument) <= end - from;
  const to = from + Number(head.argument);
  return {
    head,
    integer,
    text: head.major === TEXT && isWhole ? readUtf8(input, from, to) : undefined,
    bytes: head.major === BYTES && isWhole ? input.subarray(from, to) : undefined,
    decimal: integer === undefined ? lookForDecimal(input, from, end, head) : String(integer),
    integers: head.major === ARRAY ? lookForIntegers(input, from, end, head) : undefined,
  };
}

function lookForDecimal(input: Uint8Array, from: number, end: number, head: Head): string | undefined {
  if (head.major !== TAG || head.argument !== TAG_DECIMAL) return undefined;
  const array = readHead(input, from, end);
  if (typeof array === "string" || array.major !== ARRAY || array.argument !== 2) return undefined;
  const [exponent, mantissa] = lookForIntegers(input, from + array.bytes, end, array) ?? [];
  return exponent === undefined || mantissa === undefined ? undefined : decimalText(mantissa, exponent);
}

function lookForIntegers(input: Uint8Array, from: number, end: number, array: Head) {
  if (array.info === INDEFINITE || array.argument > LONGEST_LIST) return undefined;
  const integers: (number | bigint)[] = [];
  let at = from;
  while (integers.length < Number(array.argument)) {
    const head = readHead(input, at, end);
    const integer = typeof head === "string" ? undefined : integerOf(head);
    if (typeof head === "string" || integer === undefined) return undefined;
    integers.push(integer);
    at += head.bytes;
  }
  return integers;
}
