import { hex } from "../../agent/cose/kid.js";
import type { Frame } from "../../agent/frame/parse.js";
import type { Hasher } from "../../agent/ports/signer.js";
import { bytesOf, digestText, textOf } from "../bytes.js";
import type { Origin } from "./judge-init.js";
import { Shares } from "./shares.js";

/** Devices that may have frames here. Anybody can make up more. */
const DEVICES = 1000;
/** What a frame takes beside its bytes, on V8, so that many small ones count as what they are; with its device's topic, which is kept once. */
const OVERHEAD = 200;
/** Characters of a topic that are none to speak of: a device's own has no more. */
const TOPIC = 128;
/** One device may fill this share of the room. */
const SHARE = 1 / 8;

export interface Held {
  readonly bytes: Uint8Array;
  readonly origin: Origin | undefined;
}

/** As it is kept: a text of its own, a character a byte, takes 16 bytes beside them, an array 250. */
interface Kept {
  readonly text: string;
  readonly origin: Origin | undefined;
}

interface Stranger {
  /** By SHA-256, in the order of arrival. */
  readonly frames: Map<string, Kept>;
  /** On which its last frame came. */
  topic: string;
  size: number;
}

/**
 * Frames of devices that are not enrolled, until they are. Nothing of a frame is proven while it is here, so anybody can fill it: it is
 * bounded in bytes and in devices. Where it is full, the oldest frame of a device that has about most goes; where there are too many
 * devices, all of the one that was silent for longest.
 */
export class Quarantine {
  readonly #room: number;
  readonly #hasher: Hasher;
  readonly #dropped: (frame: Held) => void;
  /** By kid, the one that was silent for longest first. */
  readonly #strangers = new Map<string, Stranger>();
  readonly #shares = new Shares<Stranger>();
  #frames = 0;

  /** `room`: bytes. `dropped` is told of each frame that is given up. */
  constructor(room: number, hasher: Hasher, dropped: (frame: Held) => void) {
    this.#room = room;
    this.#hasher = hasher;
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
    const stranger = known ?? { frames: new Map<string, Kept>(), topic: "", size: 0 };
    this.#strangers.delete(kid);
    this.#strangers.set(kid, stranger);
    const hash = digestText(frame.bytes, this.#hasher);
    if (stranger.frames.has(hash)) return "again";
    // A copy: a view would keep all that its broker sent with it.
    const kept = { text: textOf(frame.bytes), origin: withOwnTopic(stranger, origin) };
    stranger.frames.set(hash, kept);
    this.#grow(stranger, takes(kept));
    this.#frames++;
    while (stranger.size > this.#room * SHARE && stranger.frames.size > 1) this.#dropFirst(stranger);
    while (this.#shares.total > this.#room) this.#dropFirst(this.#shares.largest() as Stranger);
    if (this.#strangers.size > DEVICES) this.#dropAll(this.#strangers.keys().next().value as string);
    return known === undefined ? "first" : "more";
  }

  /** Takes out what is here of a device, in the order of arrival. */
  take(kid: string): Held[] {
    const stranger = this.#strangers.get(kid);
    if (stranger === undefined) return [];
    this.#strangers.delete(kid);
    this.#shares.set(stranger, 0);
    this.#frames -= stranger.frames.size;
    return [...stranger.frames.values()].map(heldOf);
  }

  /** All that is here, a device after the other. */
  *held(): Generator<Held> {
    for (const { frames } of this.#strangers.values()) for (const kept of frames.values()) yield heldOf(kept);
  }

  #grow(stranger: Stranger, bytes: number): void {
    stranger.size += bytes;
    this.#shares.set(stranger, stranger.size);
  }

  #dropFirst(stranger: Stranger): void {
    const [hash, kept] = stranger.frames.entries().next().value as [string, Kept];
    stranger.frames.delete(hash);
    this.#grow(stranger, -takes(kept));
    this.#frames--;
    this.#dropped(heldOf(kept));
  }

  #dropAll(kid: string): void {
    for (const held of this.take(kid)) this.#dropped(held);
  }
}

/** Texts that are the same are kept once. */
function withOwnTopic(stranger: Stranger, origin: Origin | undefined): Origin | undefined {
  if (typeof origin !== "object") return origin;
  if (stranger.topic !== origin.topic) stranger.topic = origin.topic;
  return { ...origin, topic: stranger.topic };
}

function takes({ text, origin }: Kept): number {
  const topic = typeof origin === "object" ? origin.topic.length : 0;
  return OVERHEAD + text.length + Math.max(0, topic - TOPIC);
}

function heldOf({ text, origin }: Kept): Held {
  return { bytes: bytesOf(text), origin };
}
