import fc from "fast-check";
import { type CborKey, CborTagged, type CborValue } from "../../../agent/cbor/value.js";

const integer = fc.oneof(
  fc.maxSafeInteger(),
  fc.integer(),
  fc.constantFrom(
    0,
    23,
    24,
    255,
    256,
    65535,
    65536,
    2 ** 32 - 1,
    2 ** 32,
    -1,
    -24,
    -25,
    -257,
    -(2 ** 32) - 1,
  ),
);
/** Any code point but surrogates. fast-check's own makes a table of them all, for which a board on XS has no room. */
const character = fc
  .integer({ min: 0, max: 0x10f7ff })
  .map((n) => String.fromCodePoint(n < 0xd800 ? n : n + 0x800));
const text = fc.string({ unit: character });
const bytes = fc.uint8Array({ maxLength: 300 });
const key: fc.Arbitrary<CborKey> = fc.oneof(integer, text);

/** What encodeCbor takes, at most 16 deep, as deep as decodeCbor goes. */
export const { value: cborValues } = fc.letrec<{ value: CborValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 6, depthSize: "small" },
    integer,
    text,
    bytes,
    fc.array(tie("value"), { maxLength: 30 }),
    fc
      .array(fc.tuple(key, tie("value")), { maxLength: 30 })
      .map((entries): CborValue => new Map(entries.map(([k, v]) => [k === 0 ? 0 : k, v]))),
    fc.tuple(integer, integer).map((parts): CborValue => new CborTagged(4, parts)),
    tie("value").map((value): CborValue => new CborTagged(18, value)),
  ),
}));

/** -0 and 0 are one integer. */
export function normal(value: CborValue): CborValue {
  if (value === 0) return 0;
  if (Array.isArray(value)) return value.map(normal);
  if (value instanceof Map) return new Map([...value].map(([k, v]) => [k, normal(v)]));
  if (value instanceof CborTagged) return new CborTagged(value.tag, normal(value.value));
  return value;
}
