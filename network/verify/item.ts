import { type Frame, parseFrame } from "../../agent/frame/parse.js";
import { bytesOf, textOf } from "../bytes.js";
import type { ChainFrame } from "./chain.js";
import type { Origin } from "./judge-init.js";

/** What a frame that waits takes beside its bytes and its topic, on V8: measured with small ones, and more than that. */
const OVERHEAD = 600;
/**
 * Frames of so many bytes wait as arrays. An array takes 230 bytes more than a text, but its bytes
 * lie outside V8's heap: each page of that makes all small collections longer.
 */
const LONG = 1024;

/**
 * A frame on its way to a judgement. While it waits it is a copy of its own, most often a text, a
 * character a byte: a view would keep all that its broker sent with it.
 */
export class Item implements ChainFrame {
  readonly hash: string;
  readonly origin: Origin | undefined;
  readonly takes: number;
  /** Its place was passed when it came. */
  isPassed = false;
  /** Of such a frame: why its clock cannot say what it says, between those beside it. */
  jump: string | undefined;
  #frame: Frame | undefined;
  /** What `frame` is read of once it has waited. */
  #copy: string | Uint8Array | undefined;
  #isJudged = false;

  constructor(frame: Frame, hash: string, origin: Origin | undefined) {
    this.#frame = frame;
    this.hash = hash;
    this.origin = origin;
    this.takes = OVERHEAD + frame.bytes.length + (typeof origin === "object" ? origin.topic.length : 0);
  }

  get isOld(): boolean {
    return this.origin === "store";
  }

  get frame(): Frame {
    if (this.#frame !== undefined) return this.#frame;
    const copy = this.#copy as string | Uint8Array;
    const parsed = parseFrame(typeof copy === "string" ? bytesOf(copy) : copy);
    if ("failure" in parsed) throw new Error("a frame that was read cannot be read again");
    this.#frame = parsed.frame;
    return parsed.frame;
  }

  /**
   * Lets go of what was read of a frame that waited. V8 has moved the item to its old space by
   * then, and a small collection takes whatever an old object points to for alive, also where that
   * object is garbage: it would copy the frame each time, until the next full collection.
   */
  judged(): void {
    this.#isJudged = true;
    if (this.#copy !== undefined) this.#frame = undefined;
  }

  /** It may not be judged for long. Where it was, at once, making a text of it would be for nobody. */
  rest(): void {
    if (this.#frame === undefined || this.#isJudged) return;
    if (this.#copy === undefined) {
      const { bytes } = this.#frame;
      this.#copy = bytes.length < LONG ? textOf(bytes) : new Uint8Array(bytes);
    }
    this.#frame = undefined;
  }
}
