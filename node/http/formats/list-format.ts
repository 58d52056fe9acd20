import type { KeptFrame } from "../../../network/witness/view.js";
import { visibleJson } from "../../../text/visible.js";
import { JSON_TYPE } from "../answer.js";
import { type Cell, CSV_TYPE, csvLine } from "./csv.js";

/** Frames as they come from a store: a few at a time. */
type Batches = Iterable<readonly KeptFrame[]>;
type Pieces = Generator<string | Uint8Array>;

/** One way to write a list. What it writes does not depend on how the frames are parted. */
export interface ListFormat {
  readonly type: string;
  /** Nobody has to read it as a whole: without `limit` it is all there is. */
  readonly isStream: boolean;
  /** `did`: of the device whose frames they are. */
  write(batches: Batches, did: string): Pieces;
}

/** Lines of JSON. */
const NDJSON_TYPE = "application/x-ndjson";

/** What a frame is in a list: itself, its readings, or nothing. */
type Items = (frame: KeptFrame, did: string) => readonly object[];

/** An object with one member, an array. */
export const asJson = (member: string, items: Items): ListFormat => ({
  ...asArray(JSON_TYPE, items, `{"${member}":[`, "]}"),
  isStream: false,
});

/** One array, between what stands before it and after it. */
export const asArray = (type: string, items: Items, before = "[", after = "]"): ListFormat => ({
  type,
  isStream: true,
  *write(batches, did) {
    yield before;
    let comma = "";
    for (const frames of batches) {
      const found = frames.flatMap((frame) => items(frame, did));
      if (found.length === 0) continue;
      yield comma + found.map(visibleJson).join(",");
      comma = ",";
    }
    yield after;
  },
});

export const asLines = (items: Items): ListFormat => ({
  type: NDJSON_TYPE,
  isStream: true,
  *write(batches, did) {
    for (const frames of batches)
      yield frames.flatMap((frame) => items(frame, did).map((item) => `${visibleJson(item)}\n`)).join("");
  },
});

export const asCsv = (
  columns: readonly string[],
  rows: (frame: KeptFrame) => readonly (readonly Cell[])[],
): ListFormat => ({
  type: CSV_TYPE,
  isStream: true,
  *write(batches) {
    yield csvLine(columns);
    for (const frames of batches) yield frames.flatMap((frame) => rows(frame).map(csvLine)).join("");
  },
});
