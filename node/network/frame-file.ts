import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import type { FrameFile } from "../../network/ports/frame-file.js";
import { FrameSplitter } from "../../network/sequence.js";
import { openToAppend, syncFolder } from "../files.js";

/**
 * Bytes that the file may have beside what is still wanted, before it is written again: so many,
 * and as many as that was.
 */
const SLACK = 4 << 20;
/** Bytes that are written at a time: a call for each frame would take as long as all the rest. */
const PIECE = 1 << 20;

/**
 * Frames beside a verifier's store, on disk: brokers were told that they arrived, and do not send
 * them again. A CBOR sequence, to which is appended; what is no longer wanted is taken out when the
 * file is written again.
 */
export class SequenceFile implements FrameFile {
  readonly #path: string;
  #file: number | undefined;
  #waste = 0;
  /** Bytes that it had when it was written last. */
  #written = 0;

  constructor(path: string) {
    this.#path = path;
  }

  *read(): Generator<Uint8Array> {
    if (!existsSync(this.#path)) return;
    const splitter = new FrameSplitter();
    for (const item of [...splitter.push(readFileSync(this.#path)), ...splitter.finish()])
      if (!("failure" in item)) yield item.bytes;
  }

  append(frame: Uint8Array): void {
    this.#file ??= openToAppend(this.#path);
    try {
      for (let at = 0; at < frame.length; ) at += writeSync(this.#file, frame, at);
    } catch (error) {
      throw new Error(`${this.#path}: ${(error as Error).message}`, { cause: error });
    }
  }

  wasted(bytes: number): boolean {
    this.#waste += bytes;
    return this.#waste > Math.max(SLACK, this.#written);
  }

  /** Of no frames there is no file. */
  rewrite(frames: Iterable<Uint8Array>): void {
    this.close();
    this.#waste = 0;
    const next = `${this.#path}.next`;
    rmSync(next, { force: true }); // of a run that was cut off
    const file = openSync(next, "wx");
    this.#written = 0;
    try {
      for (const piece of pieces(frames)) {
        for (let at = 0; at < piece.length; ) at += writeSync(file, piece, at);
        this.#written += piece.length;
      }
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    if (this.#written === 0) {
      rmSync(next);
      rmSync(this.#path, { force: true });
    } else renameSync(next, this.#path);
    syncFolder(dirname(this.#path)); // else a power cut brings the old file back, without what is appended from here on
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }
}

function* pieces(frames: Iterable<Uint8Array>): Generator<Uint8Array> {
  let piece: Uint8Array[] = [];
  let bytes = 0;
  for (const frame of frames) {
    piece.push(frame);
    bytes += frame.length;
    if (bytes < PIECE) continue;
    yield Buffer.concat(piece, bytes);
    piece = [];
    bytes = 0;
  }
  if (bytes > 0) yield Buffer.concat(piece, bytes);
}
