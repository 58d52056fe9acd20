/**
 * What is wrong with some CBOR. `code` is stable and for programs; the message names the byte offset and is
 * for people.
 */
export type CborErrorCode =
  | "truncated" // the input ends inside an item
  | "trailing-bytes" // something follows the one item that was expected
  | "non-shortest" // an integer or a length is longer than it needs to be (RFC 8949 §4.2.1)
  | "indefinite-length" // RFC 8949 §4.2.1 allows definite lengths only
  | "unsorted-keys" // map keys are not in bytewise order of their encoding (RFC 8949 §4.2.1)
  | "duplicate-key" // RFC 8949 §5.6
  | "float" // values are integers or decimal fractions here, never floats
  | "simple" // false, true, null, undefined and the other simple values are not used
  | "reserved" // additional information 28 to 30, or a break with nothing to end (RFC 8949 §3)
  | "unsupported-tag" // only tag 4 (decimal fraction) and tag 18 (COSE_Sign1) are used
  | "integer-range" // beyond ±(2^53 - 1)
  | "bad-utf8" // a text string that is not UTF-8 (RFC 3629)
  | "too-deep"
  | "too-large"
  | "unexpected" // well-formed, but not what belongs here
  | "buffer-full"; // the encoder ran out of the caller's buffer

export class CborError extends Error {
  /** A field: on a board Error.prototype is frozen, and to assign a name would throw. */
  override readonly name = "CborError";

  constructor(
    readonly code: CborErrorCode,
    /** Byte offset, from the start of the input, of the item that is wrong. */
    readonly offset: number,
    detail: string,
  ) {
    super(`${detail} (${code} at byte ${offset})`);
  }
}

/** Codes of data that is valid CBOR, but not in the one encoding that RFC 8949 §4.2.1 gives it. */
export function isNonCanonical(code: CborErrorCode): boolean {
  return code === "non-shortest" || code === "indefinite-length" || code === "unsorted-keys";
}
