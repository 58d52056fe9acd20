import type { Database } from "lmdb";
import { hex } from "../../../agent/cose/kid.js";
import type { Position } from "../../../agent/frame/chain.js";
import type { FrameQuery, KeptFrame } from "../../../network/witness/view.js";
import { type DayRange, type DayTable, dayOf } from "./days.js";
import { behind, endOf, kidKey, kidOfKey, placeKey, positionOfKey } from "./keys.js";
import { type FrameRecord, readRecord } from "./record.js";

export interface KeptFramesParts {
  readonly frames: Database<Buffer, Buffer>;
  readonly details: Database<Buffer, Buffer>;
  readonly days: DayTable;
  readonly brokerOf: (number: number) => string;
}

/** Frames that are durable, as they are looked for. */
export class KeptFrames {
  readonly #parts: KeptFramesParts;

  constructor(parts: KeptFramesParts) {
    this.#parts = parts;
  }

  list({ kid, from, until, after, limit }: FrameQuery): KeptFrame[] {
    const key = kidKey(kid);
    const found: KeptFrame[] = [];
    if (from === undefined && until === undefined) {
      const start = after === undefined ? key : placeKey(key, { ...after, sequence: after.sequence + 1 });
      for (const { key: place, value } of this.range(start, behind(key), limit))
        found.push(this.#kept(place, value));
      return found;
    }
    const isDated = ({ time }: KeptFrame) =>
      time !== null &&
      time >= (from ?? Number.NEGATIVE_INFINITY) &&
      time <= (until ?? Number.POSITIVE_INFINITY);
    const days = this.#parts.days.of(key, dayOf(from ?? 0), dayOf(until ?? Number.MAX_VALUE));
    for (const range of rangesOf(days)) {
      const first = placeAfter(range, after);
      if (first === undefined) continue;
      const end = placeKey(key, { boot: range.boot, sequence: range.last + 1 });
      for (const { key: place, value } of this.range(placeKey(key, first), end)) {
        const frame = this.#kept(place, value);
        if (isDated(frame)) found.push(frame);
        if (found.length === limit) return found;
      }
    }
    return found;
  }

  *dated(from: number, until: number): Generator<KeptFrame> {
    for (const kid of this.#parts.days.kids()) {
      const query = { kid: hex(kid), from, until, limit: Number.POSITIVE_INFINITY };
      yield* this.list(query);
    }
  }

  range(start: Buffer, end: Buffer | undefined, limit = Number.POSITIVE_INFINITY) {
    return this.#parts.frames.getRange({
      start,
      ...endOf(end),
      ...(limit !== Number.POSITIVE_INFINITY && { limit }),
    });
  }

  #kept(place: Buffer, value: Buffer): KeptFrame {
    const record = readRecord(value);
    const detail = record.verdict === "ok" ? undefined : this.#parts.details.get(place)?.toString();
    return this.view(kidOfKey(place), positionOfKey(place), record, detail);
  }

  view(kid: Uint8Array, { boot, sequence }: Position, record: FrameRecord, detail?: string): KeptFrame {
    const { verdict, time, received, broker, bytes } = record;
    return {
      kid: hex(kid),
      boot,
      sequence,
      bytes,
      time,
      received: received / 1000,
      broker: this.#parts.brokerOf(broker),
      verdict,
      ...(detail !== undefined && { detail }),
    };
  }
}

/** A boot's ranges of several days as one, in the order of boots: days may overlap. */
function rangesOf(days: Iterable<DayRange>): Omit<DayRange, "day">[] {
  const boots = new Map<number, { boot: number; first: number; last: number }>();
  for (const { boot, first, last } of days) {
    const known = boots.get(boot);
    if (known === undefined) boots.set(boot, { boot, first, last });
    else boots.set(boot, { boot, first: Math.min(first, known.first), last: Math.max(last, known.last) });
  }
  return [...boots.values()].sort((a, b) => a.boot - b.boot);
}

/** Where a range begins behind `after`; undefined where nothing of it is. */
function placeAfter({ boot, first, last }: Omit<DayRange, "day">, after: Position | undefined) {
  if (after === undefined || boot > after.boot) return { boot, sequence: first };
  if (boot < after.boot || after.sequence >= last) return undefined;
  return { boot, sequence: Math.max(first, after.sequence + 1) };
}
