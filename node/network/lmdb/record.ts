import type { Verdict } from "../../../agent/frame/verdict.js";

/**
 * A frame as it lies in the store:
 *
 *   0   1  verdict: its place in CODES, 255 while there is none
 *   1   6  received, milliseconds since 1970
 *   7   2  broker: its number in the table of brokers
 *   9   8  time: the frame's own date, Unix seconds as a double; NaN where nothing dates it
 *   17  …  the frame, as it was signed
 */
export interface FrameRecord {
  readonly verdict: Verdict | undefined;
  readonly received: number;
  readonly broker: number;
  readonly time: number | null;
  readonly bytes: Uint8Array;
}

/** Verdicts of frames that are kept. Stores hold their numbers: only ever add at the end. */
const CODES: readonly Verdict[] = [
  "ok",
  "broken-chain",
  "late",
  "future",
  "clock-jump",
  "unknown-configuration",
  "out-of-range",
];
const UNDECIDED = 255;
const BYTES_AT = 17;

export function writeRecord({ verdict, received, broker, time, bytes }: FrameRecord): Buffer {
  const record = Buffer.allocUnsafe(BYTES_AT + bytes.length);
  const code = verdict === undefined ? UNDECIDED : CODES.indexOf(verdict);
  if (code < 0) throw new Error(`no frame is kept whose verdict is ${verdict}`);
  record[0] = code;
  record.writeUIntBE(received, 1, 6);
  record.writeUInt16BE(broker, 7);
  record.writeDoubleBE(time ?? Number.NaN, 9);
  record.set(bytes, BYTES_AT);
  return record;
}

/** `bytes` is a view. */
export function readRecord(record: Buffer): FrameRecord {
  const time = record.readDoubleBE(9);
  return {
    verdict: CODES[record[0] as number],
    received: record.readUIntBE(1, 6),
    broker: record.readUInt16BE(7),
    time: Number.isNaN(time) ? null : time,
    bytes: record.subarray(BYTES_AT),
  };
}
