import { decimalText } from "../../../text/decimal-text.js";
import { base64, frameRecord, isoDate, readingsOf } from "./frame.js";
import { asArray, asCsv, asJson, asLines, type ListFormat } from "./list-format.js";
import { SENML_JSON_TYPE, senmlRecords } from "./senml.js";

/** Frames of one device, by the words that `format` takes. */
export const FRAME_LISTS = {
  json: asJson("frames", (frame) => [frameRecord(frame)]),
  ndjson: asLines((frame) => [frameRecord(frame)]),
  csv: asCsv(
    ["boot", "sequence", "time", "received", "broker", "verdict", "detail", "bytes"],
    ({ boot, sequence, time, received, broker, verdict, detail, bytes }) => [
      [boot, sequence, isoDate(time), isoDate(received), broker, verdict, detail, base64(bytes)],
    ],
  ),
  /** As they were signed, one after another (RFC 8742): what `fieldmark verify` reads. */
  cborseq: {
    type: "application/cbor-seq",
    isStream: true,
    *write(batches) {
      for (const frames of batches) yield Buffer.concat(frames.map(({ bytes }) => bytes));
    },
  },
  senml: asArray(SENML_JSON_TYPE, senmlRecords),
} satisfies Record<string, ListFormat>;

/** Their readings, one row each. */
export const READING_LISTS = {
  json: asJson("readings", (frame) => readingsOf(frame).map(({ row }) => row)),
  ndjson: asLines((frame) => readingsOf(frame).map(({ row }) => row)),
  csv: asCsv(["time", "name", "value", "unit", "verdict", "boot", "sequence"], (frame) =>
    readingsOf(frame).map(({ row, mantissa, exponent }) => [
      row.time,
      row.name,
      decimalText(mantissa, exponent),
      row.unit,
      row.verdict,
      row.boot,
      row.sequence,
    ]),
  ),
} satisfies Record<string, ListFormat>;
