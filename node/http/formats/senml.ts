import { CborReader } from "../../../agent/cbor/reader.js";
import type { KeptFrame } from "../../../network/witness/view.js";
import { contentOf, numberOf, readingDate } from "./frame.js";

/** RFC 8428 §12.3. */
export const SENML_JSON_TYPE = "application/senml+json";
export const SENML_CBOR_TYPE = "application/senml+cbor";

/**
 * Resolved records (RFC 8428 §4.6), oldest first: absolute times, and names that are unique in the
 * world, which the device's DID makes them (docs/protocol.md). SenML has no place for a verdict,
 * and reads a record without a time as "now": so a frame that is not `ok`, or has no date, has none.
 */
export function senmlRecords(frame: KeptFrame, did: string): object[] {
  if (frame.verdict !== "ok" || frame.time === null) return [];
  return [...contentOf(frame).readings]
    .sort((a, b) => b.age - a.age)
    .map(({ name, unit, mantissa, exponent, age }) => ({
      n: `${did}:${name}`,
      u: unit,
      v: numberOf(mantissa, exponent),
      t: (readingDate(frame, age) as number) / 1000,
    }));
}

/** The payload, byte by byte as the device signed it: a SenML pack in CBOR (docs/protocol.md). */
export function signedPack(frame: KeptFrame): Uint8Array {
  const { bytes, unprotectedAt, signedEnd } = contentOf(frame);
  return new CborReader(bytes.subarray(unprotectedAt + 1, signedEnd)).bytes();
}
