import type { Database } from "lmdb";
import { type DayRange, type DayTable, dayOf } from "./days.js";
import type { KeptFrames } from "./kept-frames.js";
import { placeKey } from "./keys.js";
import { readRecord } from "./record.js";
import type { Writer } from "./writer.js";

/** Frames that are removed before others have their turn. */
const PIECE = 2000;

export interface SweepParts {
  readonly frames: Database<Buffer, Buffer>;
  readonly details: Database<Buffer, Buffer>;
  readonly days: DayTable;
  readonly kept: KeptFrames;
  readonly writer: Writer;
  readonly isClosed: () => boolean;
}

/**
 * Removes the frames of the days before `today`, but none without a verdict; a device and a day at a
 * time. Returns how many.
 */
export async function sweepDays(parts: SweepParts, today: number): Promise<number> {
  const { days, writer, isClosed } = parts;
  let removed = 0;
  for (const kid of days.kids())
    for (const range of [...days.of(kid, 0, today - 1)]) {
      for (const places of pieces(placesOf(parts, kid, range))) {
        if (isClosed()) return removed;
        await remove(parts, places);
        removed += places.length;
      }
      if (isClosed()) return removed;
      await writer.commit(1, () => days.remove(kid, range));
    }
  return removed;
}

/** Of a device's frames of one day. A range may have frames of others. */
function* placesOf({ kept }: SweepParts, kid: Uint8Array, { day, boot, first, last }: DayRange) {
  const start = placeKey(kid, { boot, sequence: first });
  const end = placeKey(kid, { boot, sequence: last + 1 });
  for (const { key, value } of kept.range(start, end)) {
    const { verdict, time, received } = readRecord(value);
    if (verdict !== undefined && dayOf(time ?? received / 1000) === day) yield Buffer.from(key);
  }
}

function* pieces(places: Iterable<Buffer>): Generator<Buffer[]> {
  let piece: Buffer[] = [];
  for (const place of places) {
    if (piece.push(place) < PIECE) continue;
    yield piece;
    piece = [];
  }
  if (piece.length > 0) yield piece;
}

function remove({ frames, details, writer }: SweepParts, places: readonly Buffer[]): Promise<void> {
  return writer.commit(places.length, () => {
    for (const place of places) {
      frames.remove(place);
      details.remove(place);
    }
  });
}
