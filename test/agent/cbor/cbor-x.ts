import { addExtension, Decoder, Tag } from "cbor-x";
import { type CborKey, CborTagged, type CborValue } from "../../../agent/cbor/value.js";

// By itself cbor-x makes a float of a decimal fraction.
addExtension<CborTagged, CborValue>({
  Class: CborTagged,
  tag: 4,
  encode: () => new Uint8Array(0),
  decode: (parts) => new CborTagged(4, parts),
});

const decoder = new Decoder({ mapsAsObjects: false, useRecords: false });

/** What cbor-x reads in `bytes`, in our types. A second opinion on our encoder. */
export function decodeByCborX(bytes: Uint8Array): CborValue {
  return inOurTypes(decoder.decode(bytes));
}

function inOurTypes(value: unknown): CborValue {
  if (typeof value === "number" || typeof value === "string") return value;
  if (typeof value === "bigint") return Number(value); // integers of 9 bytes
  if (value instanceof Uint8Array) return Uint8Array.from(value);
  if (Array.isArray(value)) return value.map(inOurTypes);
  if (value instanceof Map)
    return new Map([...value].map(([key, item]) => [inOurTypes(key) as CborKey, inOurTypes(item)]));
  if (value instanceof Tag || value instanceof CborTagged)
    return new CborTagged(value.tag, inOurTypes(value.value));
  throw new Error(`cbor-x reads ${String(value)}`);
}
