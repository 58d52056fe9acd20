import { comparePositions, type Position } from "../../agent/frame/chain.js";

/** What a device's first frame ever has for `prev`. */
export const NOTHING_BEFORE = "0".repeat(32);

/** Gaps of a device that are remembered; of more, the oldest are not. */
const GAPS = 64;

/** A frame's place, and the first 16 bytes of its SHA-256 in hex. */
export interface Link extends Position {
  readonly hash: string;
}

/** What is missing between two frames that are neighbours in what a judge has. */
interface Gap {
  /** The frame before it; undefined where the judge has none. */
  readonly before: Link | undefined;
  /** The frame after it. */
  readonly after: Position;
  /** That frame's `prev`: the hash of the one that it follows. */
  readonly prev: string;
}

/**
 * The places in a device's chain that its judge passed because nothing came. What comes later after all is held against the frames on
 * either side: where it follows the one, or the other follows it, it is as good a part of the chain as if it had been in time.
 */
export class Gaps {
  /** In no order. */
  #gaps: readonly Gap[] = [];

  /** `after`, whose `prev` names another frame, was handed out next to `before`. */
  open(before: Link | undefined, after: Position, prev: string): void {
    this.#replace(undefined, [{ before, after, prev }]);
  }

  /** A frame comes to a place that was passed. Whether it is linked there. */
  fill(frame: Link, prev: string): boolean {
    const gap = this.#gaps.find(
      ({ before, after }) =>
        (before === undefined || comparePositions(before, frame) < 0) && comparePositions(frame, after) < 0,
    );
    if (gap === undefined) return false;
    const { before, after } = gap;
    const follows =
      before === undefined
        ? frame.sequence === 0 && prev === NOTHING_BEFORE
        : prev === before.hash && isNext(before, frame);
    const isFollowed = gap.prev === frame.hash && isNext(frame, after);
    const rest: Gap[] = [];
    if (!follows) rest.push({ before, after: frame, prev });
    if (!isFollowed) rest.push({ before: frame, after, prev: gap.prev });
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
