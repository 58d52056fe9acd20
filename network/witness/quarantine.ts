import { createHash } from "node:crypto";
import { hex } from "../../agent/frame/kid.js";
import type { Frame } from "../../agent/frame/parse.js";
import type { Origin } from "./witness.js";

/** Devices that may have frames here. Anybody can make up more. */
const DEVICES = 1000;
/** What a frame takes beside its bytes, so that many small ones count as what they are. */
const OVERHEAD = 200;
/** One device may fill this share of the room. */
const SHARE = 1 / 8;

export interface Held {
  readonly bytes: Uint8Array;
  readonly origin: Origin | undefined;
}

interface Stranger {
  /** By SHA-256, in the order of arrival. */
  readonly frames: Map<string, Held>;
  size: number;
}

/**
 * Frames of devices that are not enrolled, until they are. Nothing of a frame is proven while it is here, so anybody can fill it: it is
 * bounded in bytes and in devices. Where it is full, the oldest frame of the device that has most goes; where there are too many
 * devices, all of the one that was silent for longest.
 */
export class Quarantine {
  readonly #room: number;
  readonly #dropped: (frame: Held) => void;
  /** By kid, the one that was silent for longest first. */
  readonly #strangers = new Map<string, Stranger>();
  #size = 0;
  #frames = 0;

  /** `room`: bytes. `dropped` is told of each frame that is given up. */
  constructor(room: number, dropped: (frame: Held) => void) {
    this.#room = room;
    this.#dropped = dropped;
  }

  get frames(): number {
    return this.#frames;
  }

  get kids(): string[] {
    return [...this.#strangers.keys()];
  }

  /** "first": of a device that has none here. "again": the very bytes are here already. */
  add(frame: Frame, origin: Origin | undefined): "first" | "more" | "again" {
    const kid = hex(frame.kid);
    const known = this.#strangers.get(kid);
    const stranger = known ?? { frames: new Map<string, Held>(), size: 0 };
    this.#strangers.delete(kid);
    this.#strangers.set(kid, stranger);
    const hash = createHash("sha256").update(frame.bytes).digest("base64");
    if (stranger.frames.has(hash)) return "again";
    // A copy: a view would keep all that its broker sent with it.
    stranger.frames.set(hash, { bytes: frame.bytes.slice(), origin });
    this.#grow(stranger, frame.bytes.length + OVERHEAD);
    this.#frames++;
    while (stranger.size > this.#room * SHARE && stranger.frames.size > 1) this.#dropFirst(stranger);
    while (this.#size > this.#room) this.#dropFirst(this.#largest());
    if (this.#strangers.size > DEVICES) this.#dropAll(this.#strangers.keys().next().value as string);
    return known === undefined ? "first" : "more";
  }

  /** Takes out what is here of a device, in the order of arrival. */
  take(kid: string): Held[] {
    const stranger = this.#strangers.get(kid);
    if (stranger === undefined) return [];
    this.#strangers.delete(kid);
    this.#size -= stranger.size;
    this.#frames -= stranger.frames.size;
    return [...stranger.frames.values()];
  }

  /** All that is here, a device after the other. */
  *held(): Generator<Held> {
    for (const { frames } of this.#strangers.values()) yield* frames.values();
  }

  #grow(stranger: Stranger, bytes: number): void {
    stranger.size += bytes;
    this.#size += bytes;
  }

  #largest(): Stranger {
    let largest: Stranger | undefined;
    for (const stranger of this.#strangers.values())
      if (stranger.size > (largest?.size ?? 0)) largest = stranger;
    return largest as Stranger;
  }

  #dropFirst(stranger: Stranger): void {
    const [hash, held] = stranger.frames.entries().next().value as [string, Held];
    stranger.frames.delete(hash);
    this.#grow(stranger, -held.bytes.length - OVERHEAD);
    this.#frames--;
    this.#dropped(held);
  }

  #dropAll(kid: string): void {
    for (const held of this.take(kid)) this.#dropped(held);
  }
}
