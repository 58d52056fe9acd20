import { hex } from "../../../agent/cose/kid.js";
import { CLOCK_KEPT, CLOCK_SET, CLOCK_UNSET } from "../../../agent/frame/chain.js";
import { type Frame, parseFrame } from "../../../agent/frame/parse.js";
import type { EnrolledView, KeptFrame, Rejection } from "../../../network/witness/view.js";
import { dateText } from "../../../text/date-text.js";

const CLOCKS = { [CLOCK_UNSET]: "unset", [CLOCK_KEPT]: "kept", [CLOCK_SET]: "set" } as const;

/**
 * What a kept frame says. Throws Error where a witness kept what is no frame: a fault of its store.
 */
export function contentOf({ kid, boot, sequence, bytes }: KeptFrame): Frame {
  const parsed = parseFrame(bytes);
  if ("frame" in parsed) return parsed.frame;
  const { verdict, detail } = parsed.failure;
  throw new Error(`the frame ${boot}:${sequence} of ${kid} is ${verdict}: ${detail}`);
}

/** Unix seconds as a date (RFC 3339); null where there is none. */
export const isoDate = (seconds: number | null): string | null =>
  seconds === null ? null : (dateText(seconds * 1000) ?? null);

/** Unix milliseconds of a reading; null where nothing dates its frame. */
export const readingDate = (frame: KeptFrame, age: number): number | null =>
  frame.time === null ? null : frame.time * 1000 - age;

/** The nearest number that JSON's readers have; what is signed, and CSV, are exact. */
export const numberOf = (mantissa: number, exponent: number): number => Number(`${mantissa}e${exponent}`);

export const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");

/** A frame as JSON has it: Frame in openapi/schemas.ts. */
export function frameRecord(frame: KeptFrame): object {
  const { kid, boot, sequence, time, received, broker, verdict, detail, bytes } = frame;
  const { uptime, clock, prev, dropped } = contentOf(frame);
  return {
    kid,
    boot,
    sequence,
    time: isoDate(time),
    received: isoDate(received),
    broker,
    verdict: verdict ?? null,
    detail,
    uptime,
    clock: CLOCKS[clock],
    prev: hex(prev),
    dropped,
    readings: readingsOf(frame).map(({ row: { time, name, value, unit } }) => ({ time, name, value, unit })),
    bytes: base64(bytes),
  };
}

/** A frame's readings as JSON has them in a list, each with the decimal that was signed. */
export function readingsOf(frame: KeptFrame) {
  const { boot, sequence, verdict = null } = frame;
  return [...contentOf(frame).readings].map(({ name, unit, mantissa, exponent, age }) => {
    const date = readingDate(frame, age);
    const time = date === null ? null : (dateText(date) ?? null);
    const value = numberOf(mantissa, exponent);
    return { mantissa, exponent, row: { time, name, value, unit, verdict, boot, sequence } };
  });
}

export function rejectionRecord(rejection: Rejection): object {
  const { number, verdict, detail, received, broker, topic, bytes } = rejection;
  return { number, verdict, detail, received: isoDate(received), broker, topic, bytes: base64(bytes) };
}

/** Named one by one: what a view has beside is not meant for everybody. */
export const deviceRecord = ({ kid, did, site }: EnrolledView): object => ({ kid, did, site });
