import type { FrameHeader } from "../../../agent/frame/write.js";
import { hasher } from "../../../node/ports/signer.js";
import { type FrameOptions, makeFrame, reading } from "../../support/frames.js";

/** A device's frames, each linked to the one before it. */
export class Chain {
  #prev: Uint8Array = new Uint8Array(16);
  #sequence = 0;

  next(header: Partial<FrameHeader> = {}, readings = [reading()], options: FrameOptions = {}): Uint8Array {
    const sequence = header.sequence ?? this.#sequence;
    const frame = makeFrame(readings, { prev: this.#prev, ...header, sequence }, options);
    this.#prev = prevAfter(frame);
    this.#sequence = sequence + 1;
    return frame;
  }

  run(frames: number): Uint8Array[] {
    return Array.from({ length: frames }, () => this.next());
  }
}

/** What the frame after this one has for `prev`. */
export function prevAfter(frame: Uint8Array): Uint8Array {
  const digest = new Uint8Array(32);
  hasher.sha256(frame, digest, 0);
  return digest.slice(0, 16);
}
