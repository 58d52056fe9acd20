import { Readable } from "node:stream";
import type { FrameQuery, KeptFrame, WitnessView } from "../../network/witness/view.js";

/** Frames that are read at a time: at most some 300 KB of text. */
const BATCH = 64;

/** A page, and where the next one starts; undefined where there is none. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly last: T | undefined;
}

/**
 * Bytes as they were signed or sent after which a page ends, full or not. A thousand frames of one
 * reading are less; but a frame can be made that says seventeen times its length in JSON.
 */
const PAGE_BYTES = 256 * 1024;

/** Of `limit + 1` that were asked for, and no more bytes than a page may have. */
export function pageOf<T>(found: readonly T[], limit: number, bytesOf: (item: T) => number): Page<T> {
  let bytes = 0;
  let count = 0;
  for (const item of found.slice(0, limit)) {
    if (bytes >= PAGE_BYTES) break;
    bytes += bytesOf(item);
    count++;
  }
  const items = found.slice(0, count);
  return { items, last: found.length > count ? items.at(-1) : undefined };
}

/**
 * The header that leads to the next page (RFC 8288). It is relative to the address that was asked
 * for, so that it is right behind a proxy, too.
 */
export function linkTo(query: Readonly<Record<string, string | number | undefined>>): Record<string, string> {
  const text = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) text.set(name, String(value));
  return { link: `<?${text}>; rel="next"` };
}

/** All frames that `query` means, a few at a time, however many they are. */
export function* batches(view: WitnessView, query: Omit<FrameQuery, "limit">): Generator<KeptFrame[]> {
  for (let { after } = query; ; ) {
    const frames = view.frames({ ...query, after, limit: BATCH });
    const last = frames.at(-1);
    if (last === undefined) return;
    yield frames;
    after = { boot: last.boot, sequence: last.sequence };
  }
}

/**
 * Pieces as a stream that is read no faster than it is sent. `release` is called when it has ended,
 * however it does.
 */
export function streamOf(pieces: Iterable<string | Uint8Array>, release: () => void): Readable {
  const stream = Readable.from(pieces, { objectMode: false });
  stream.once("close", release);
  return stream;
}
