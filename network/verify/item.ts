import { type Frame, parseFrame } from "../../agent/frame/parse.js";
import { bytesOf, textOf } from "../bytes.js";
import type { ChainFrame } from "./chain.js";
import type { Origin } from "./judge-init.js";

/** What a frame that waits takes beside its bytes and its topic, on V8: measured with small ones, and more than that. */
const OVERHEAD = 600;

/**
 * A frame on its way to a judgement. While it waits it is a text of its own, a character a byte: a view would keep all that its
 * broker sent with it, and what was read of it can take 25 times its bytes.
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
  #text = "";
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
    const parsed = parseFrame(bytesOf(this.#text));
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
    if (this.#text !== "") this.#frame = undefined;
  }

  /** It may not be judged for long. Where it was, at once, making a text of it would be for nobody. */
  rest(): void {
    if (this.#frame === undefined || this.#isJudged) return;
    this.#text = textOf(this.#frame.bytes);
    this.#frame = undefined;
  }
}
