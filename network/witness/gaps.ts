import { comparePositions, type DroppedRange, type Position } from "../../agent/frame/chain.js";
import { type Ends, type Fate, Inquiry, type Missing } from "./missing.js";
import type { BoardStatus } from "./status.js";

/** What a device's first frame ever has for `prev`. */
export const NOTHING_BEFORE = "0".repeat(32);

/** Gaps of a device that are remembered; of more, the oldest are not. */
const GAPS = 64;

/** A frame's place, and the first 16 bytes of its SHA-256 in hex. */
export interface Link extends Position {
  readonly hash: string;
  /** The board's when it signed the frame. */
  readonly uptime: number;
}

/** What is missing between two frames that are neighbours in what a judge has. */
interface Gap {
  /** The frame before it; undefined where the judge has none. */
  readonly before: Link | undefined;
  /** The frame after it. */
  readonly after: Ends["after"];
  /** That frame's `prev`: the hash of the one that it follows. */
  readonly prev: string;
  /** Where nothing declared what is missing. */
  readonly inquiry?: Inquiry | undefined;
}

/**
 * The places in a device's chain that its judge passed because nothing came. What comes later after all is held against the frames on
 * either side: where it follows the one, or the other follows it, it is as good a part of the chain as if it had been in time.
 */
export class Gaps {
  /** In no order. */
  #gaps: readonly Gap[] = [];

  /**
   * `after`, whose `prev` names another frame, was handed out next to `before`. With `losses`, those that are declared,
   * what became of the others is asked.
   */
  open(before: Link | undefined, after: Ends["after"], prev: string, losses?: readonly DroppedRange[]): void {
    const inquiry = losses && new Inquiry(losses, prev === before?.hash);
    this.#replace(undefined, [{ before, after, prev, inquiry }]);
  }

  /** A frame declares losses: news of those that were missing. */
  declare(losses: readonly DroppedRange[], by: Position): Missing[] {
    return this.#asked().flatMap(([inquiry, ends]) => inquiry.declare(ends, losses, by) ?? []);
  }

  /** The board says something of its frames, `now`. */
  hear(status: BoardStatus, now: number): void {
    for (const [inquiry, ends] of this.#asked()) inquiry.hear(ends, status, now);
  }

  /** News of frames that are missing, after the board's last `status`; of what it handed on, where it said so until `given`. */
  look(status: BoardStatus, given: number): Missing[] {
    return this.#asked().flatMap(([inquiry, ends]) => inquiry.look(ends, status, given) ?? []);
  }

  /** What is known of each undeclared gap. */
  get fates(): (Fate["type"] | undefined)[] {
    return this.#asked().map(([{ fate }]) => fate);
  }

  #asked(): [Inquiry, Ends][] {
    return this.#gaps.flatMap(({ before, after, inquiry }): [Inquiry, Ends][] =>
      inquiry === undefined || before === undefined ? [] : [[inquiry, { before, after }]],
    );
  }

  /** A frame comes to a place that was passed. Whether it is linked there. */
  fill(frame: Link, prev: string): boolean {
    const gap = this.#gaps.find(
      ({ before, after }) =>
        (before === undefined || comparePositions(before, frame) < 0) && comparePositions(frame, after) < 0,
    );
    if (gap === undefined) return false;
    const { before, after, inquiry } = gap;
    const follows =
      before === undefined
        ? frame.sequence === 0 && prev === NOTHING_BEFORE
        : prev === before.hash && isNext(before, frame);
    const isFollowed = gap.prev === frame.hash && isNext(frame, after);
    const rest: Gap[] = [];
    if (!follows) rest.push({ before, after: frame, prev, inquiry: inquiry?.copy() });
    if (!isFollowed) rest.push({ before: frame, after, prev: gap.prev, inquiry: inquiry?.copy() });
    this.#replace(gap, rest);
    return follows || isFollowed;
  }

  #replace(old: Gap | undefined, now: readonly Gap[]): void {
    const gaps = [...this.#gaps.filter((gap) => gap !== old), ...now];
    this.#gaps = gaps.slice(Math.max(0, gaps.length - GAPS));
  }
}

/** Whether a frame can follow another with none between them. */
function isNext(first: Position, second: Position): boolean {
  return first.boot === second.boot
    ? first.sequence + 1 === second.sequence
    : first.boot < second.boot && second.sequence === 0;
}
