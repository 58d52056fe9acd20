/** Major types, RFC 8949 §3.1: the high three bits of an item's first byte. */
export const UNSIGNED = 0;
export const NEGATIVE = 1;
export const BYTES = 2;
export const TEXT = 3;
export const ARRAY = 4;
export const MAP = 5;
export const TAG = 6;
export const SIMPLE = 7;

/** RFC 8949 §3.4.4: `[exponent, mantissa]`, the value is mantissa × 10^exponent. */
export const TAG_DECIMAL = 4;
/** RFC 9052 §4.2: COSE_Sign1. */
export const TAG_SIGN1 = 18;
