import { readdirSync, renameSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { syncFolder } from "../files.js";

/** When a file of frames is closed, and the next one begun. */
export interface Rotation {
  /** Bytes that it may have; a frame is never cut. */
  readonly bytes?: number;
  /** Milliseconds since its first frame. */
  readonly age?: number;
}

/** In UTC, to the millisecond, without what some file systems do not take. */
const TIME = "\\d{8}T\\d{6}\\.\\d{3}Z";
const SUFFIX = ".cborseq";

/** The closed segments of a file of frames, the oldest first: `kept.20261130T015053.123Z.cborseq` of `kept.cborseq`. */
export function segmentsOf(path: string): string[] {
  const stem = basename(stemOf(path)).replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const pattern = new RegExp(`^${stem}\\.${TIME}\\${SUFFIX}$`);
  return readdirSync(dirname(path))
    .filter((name) => pattern.test(name))
    .sort()
    .map((name) => join(dirname(path), name));
}

/**
 * Makes a file that is closed and durable a segment, in one step: whatever happens, its frames are in the one or in the other. Names go by the time, and
 * on, where the clock goes back.
 */
export function closeSegment(path: string, now: number): void {
  const last = segmentsOf(path).at(-1);
  let time = now;
  while (last !== undefined && nameAt(path, time) <= last) time = Math.max(time, timeOf(last)) + 1;
  renameSync(path, nameAt(path, time));
  syncFolder(dirname(path));
}

/** The file of frames that a segment is of; any other name as it is. */
export function wholeOf(path: string): string {
  return path.replace(new RegExp(`\\.${TIME}(?=\\${SUFFIX}$)`), "");
}

function nameAt(path: string, time: number): string {
  return `${stemOf(path)}.${new Date(time).toISOString().replace(/[-:]/g, "")}${SUFFIX}`;
}

function timeOf(segment: string): number {
  const [, y, m, d, h, min, s, ms] =
    /\.(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)\.(\d{3})Z/.exec(basename(segment)) ?? [];
  return Date.parse(`${y}-${m}-${d}T${h}:${min}:${s}.${ms}Z`);
}

const stemOf = (path: string) => (path.endsWith(SUFFIX) ? path.slice(0, -SUFFIX.length) : path);
