import type { Database } from "lmdb";
import { MAX_FRAME_BYTES } from "../../../agent/frame/layout.js";
import type { Rejection } from "../../../network/witness/view.js";
import { readCount, writeCount } from "./keys.js";

/** Messages that were refused: so many are kept, the newest. */
const KEPT = 10_000;
/** Characters of what a stranger wrote that are kept. */
const TEXT = 256;

/**
 * Number, 8 bytes, big-endian -> length of the JSON text in 4 bytes, that text, the message's
 * bytes.
 */
export class RejectionTable {
  readonly db: Database<Buffer, Buffer>;
  #last: number;
  #first: number;

  constructor(db: Database<Buffer, Buffer>) {
    this.db = db;
    const [last] = [...db.getKeys({ reverse: true, limit: 1 })];
    const [first] = [...db.getKeys({ limit: 1 })];
    this.#last = last === undefined ? 0 : readCount(last, 0);
    this.#first = first === undefined ? 1 : readCount(first, 0);
  }

  /** As it will be kept, with its number. */
  next({ bytes, ...rest }: Omit<Rejection, "number">): Rejection {
    const kept = { ...rest, topic: rest.topic.slice(0, TEXT) };
    return { number: ++this.#last, ...kept, bytes: bytes.slice(0, MAX_FRAME_BYTES) };
  }

  put({ number, bytes, ...kept }: Rejection): void {
    const text = Buffer.from(JSON.stringify(kept));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(text.length);
    this.db.put(keyOf(number), Buffer.concat([length, text, bytes]));
    for (; number - this.#first >= KEPT; this.#first++) this.db.remove(keyOf(this.#first));
  }

  newest(before = Number.MAX_SAFE_INTEGER, limit: number): Rejection[] {
    const range = this.db.getRange({ start: keyOf(before - 1), reverse: true, limit });
    return [...range].map(({ key, value }) => {
      const end = 4 + value.readUInt32BE();
      const kept = JSON.parse(value.toString("utf8", 4, end)) as Omit<Rejection, "number" | "bytes">;
      return { number: readCount(key, 0), ...kept, bytes: value.subarray(end) };
    });
  }
}

function keyOf(number: number): Buffer {
  const key = Buffer.alloc(8);
  writeCount(key, number, 0);
  return key;
}
