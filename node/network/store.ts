import { closeSync, fdatasyncSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";
import { InputError } from "../../agent/input-error.js";
import type { FrameStore, Recovery } from "../../network/ports/frame-store.js";
import { FrameSplitter, type SequenceItem } from "../../network/sequence.js";
import { openToAppend } from "../files.js";
import { acquireLock } from "../lock.js";
import { closeSegment, type Rotation, segmentsOf } from "./segments.js";

/** Bytes read at a time when a file is recovered. */
const CHUNK = 1 << 20;

/** A store that is one file. It is told no more of a frame than its bytes. */
export interface FileStore extends FrameStore {
  append(bytes: Uint8Array): void;
}

/**
 * Frames in a file, one after another: a CBOR sequence (RFC 8742). Opens `path`, or makes it, and
 * gives every frame that is in it to `replay`, in order. Throws InputError where the file is
 * damaged other than by a torn last frame, and where another process has it open (see
 * `acquireLock`): it is then left as it is.
 */
export function openFrameStore(
  path: string,
  replay: (frame: Uint8Array) => void,
  rotation?: Rotation,
): { store: FileStore; recovery: Recovery } {
  const file = openToAppend(path, "read and write");
  let release = () => {};
  try {
    const isFile = fstatSync(file).isFile();
    if (isFile) release = acquireLock(path);
    const segments = isFile ? segmentsOf(path) : [];
    const before = segments.reduce((frames, segment) => frames + readSegment(segment, replay), 0);
    const { end, frames, torn } = recover(path, file, replay);
    const store = fileStore(path, file, end, release, isFile ? rotation : undefined);
    return { store, recovery: { frames: before + frames, torn } };
  } catch (error) {
    closeSync(file);
    release();
    throw error;
  }
}

/** A segment was closed with its last frame whole: nothing is cut off. Returns how many frames it has. */
function readSegment(path: string, replay: (frame: Uint8Array) => void): number {
  const file = openSync(path, "r");
  try {
    const { frames, torn } = recover(path, file, replay, false);
    if (torn > 0)
      throw new InputError(`${path} ends in the middle of a frame. Move it away, or name another`);
    return frames;
  } finally {
    closeSync(file);
  }
}

/** `end`: bytes of the file that are whole frames. */
function recover(
  path: string,
  file: number,
  replay: (frame: Uint8Array) => void,
  cuts = true,
): Recovery & { readonly end: number } {
  const splitter = new FrameSplitter();
  const chunk = new Uint8Array(CHUNK);
  let frames = 0;
  let torn = 0;
  let end = 0;

  function take(items: SequenceItem[]): void {
    for (const item of items) {
      if (!("failure" in item)) {
        replay(item.bytes);
        frames++;
        end = item.offset + item.bytes.length;
      } else if (item.isTorn) {
        torn = item.length;
      } else {
        const { detail } = item.failure;
        throw new InputError(
          `${path} is damaged at byte ${item.offset}: ${detail}. Move it away, or name another`,
        );
      }
    }
  }

  let position = 0;
  for (;;) {
    const length = readSync(file, chunk, 0, CHUNK, position);
    if (length === 0) break;
    take(splitter.push(chunk.subarray(0, length)));
    position += length;
  }
  take(splitter.finish());
  if (torn > 0 && cuts) ftruncateSync(file, end);
  return { frames, torn, end };
}

function fileStore(
  path: string,
  opened: number,
  size: number,
  release: () => void,
  { bytes: most = Number.POSITIVE_INFINITY, age = Number.POSITIVE_INFINITY }: Rotation = {},
): FileStore {
  let file = opened;
  let end = size;
  let dirty = false;
  /** When it got its first frame. A file that was there is as old as it says. */
  let since = end === 0 ? Number.POSITIVE_INFINITY : fstatSync(file).birthtimeMs || fstatSync(file).mtimeMs;

  /** The name is given back in one step; until the next file is there, a start finds none and makes it. */
  function rotate(): void {
    fdatasyncSync(file);
    closeSegment(path, Date.now());
    const next = openToAppend(path, "read and write");
    closeSync(file);
    file = next;
    end = 0;
    since = Number.POSITIVE_INFINITY;
    dirty = false;
  }

  return {
    append(frame) {
      const now = Date.now();
      if (end > 0 && (end + frame.length > most || now - since >= age)) rotate();
      since = Math.min(since, now);
      try {
        // A short write is a full disk; the next write then says so.
        for (let at = 0; at < frame.length; ) at += writeSync(file, frame, at);
      } catch (error) {
        ftruncateSync(file, end); // a torn frame with whole ones after it would be damage
        throw new Error(`${path}: ${(error as Error).message}`, { cause: error });
      }
      end += frame.length;
      dirty = true;
    },
    replay(replay) {
      for (const segment of segmentsOf(path)) readSegment(segment, replay);
      recover(path, file, replay);
    },
    sync() {
      try {
        if (end > 0 && Date.now() - since >= age) rotate();
        if (dirty) fdatasyncSync(file);
      } catch (error) {
        throw new Error(`${path}: ${(error as Error).message}`, { cause: error });
      }
      dirty = false;
    },
    close() {
      try {
        this.sync();
      } finally {
        closeSync(file);
        release();
      }
    },
  };
}
