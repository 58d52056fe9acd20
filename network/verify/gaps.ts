import type { ClockState, DroppedRange, Position } from "../../agent/frame/chain.js";
import { comparePositions } from "../../agent/frame/chain.js";
import { type Ends, type Fate, Inquiry, type Missing } from "./missing.js";
import type { PositionRanges } from "./position-ranges.js";
import type { BoardStatus } from "./status.js";

/** What a device's first frame ever has for `prev`. */
export const NOTHING_BEFORE = "0".repeat(32);

/** Gaps of a device that are remembered; of more, the oldest are not. */
const GAPS = 64;
/** What a gap takes, on V8. */
const GAP = 600;

/** A frame's place, and the first 16 bytes of its SHA-256 in hex. */
export interface Tip extends Position {
  readonly hash: string;
  /** The board's when it signed the frame. */
  readonly uptime: number;
  readonly clock: ClockState;
  /** Base time in Unix seconds, where the frame has one. */
  readonly time: number | undefined;
}

/** What is missing between two frames that are neighbours in what a judge has. */
interface Gap<T> {
  /** The frame before it; undefined where the judge has none. */
  readonly before: Tip | undefined;
  /** The frame after it. */
  readonly after: Tip;
  /** That frame's `prev`: the hash of the one that it follows. */
  readonly prev: string;
  /** Where nothing declared what is missing. */
  readonly inquiry?: Inquiry | undefined;
  /** Where it was declared. */
  readonly hold?: Hold<T> | undefined;
}

/** What came for a gap that the device had declared, and is not known yet to belong there. */
interface Hold<T> {
  /** The frame behind it, which was judged. */
  readonly end: Tip;
  /** Gaps that are left of it. */
  open: number;
  items: T[];
  /** A part of it is remembered no longer: it cannot be closed. */
  isDead: boolean;
}

/** How a gap came about. */
export type Reason =
  /** With `losses`, those that are declared, what became of the others is asked. */
  | { readonly type: "undeclared"; readonly losses?: PositionRanges | undefined }
  | { readonly type: "declared" };

/**
 * The places in a device's chain that its judge passed because nothing came. What comes later after all is held against the frames on
 * either side: where it follows the one, or the other follows it, it is as good a part of the chain as if it had been in time. But what a
 * device had declared lost it may have made up since: that is held until it reaches from the frame before the gap to the one after it.
 */
export class Gaps<T> {
  /** In no order. */
  #gaps: readonly Gap<T>[] = [];
  /** What was held for gaps that are remembered no longer. */
  #strays: T[] = [];
  /** Something came that `look` has not seen. */
  #hasNews = false;

  /** What it takes, about. */
  get bytes(): number {
    return GAP * this.#gaps.length;
  }

  get size(): number {
    return this.#gaps.length;
  }

  /** `after`, whose `prev` names another frame, was handed out next to `before`. */
  open(before: Tip | undefined, after: Tip, prev: string, reason: Reason): void {
    const losses = reason.type === "undeclared" ? reason.losses : undefined;
    const inquiry = before && losses && new Inquiry({ before, after }, losses, prev === before.hash);
    const hold = reason.type === "declared" ? { end: after, open: 1, items: [], isDead: false } : undefined;
    this.#replace(undefined, [{ before, after, prev, inquiry, hold }]);
  }

  /** The oldest gap is remembered no longer. */
  forget(): void {
    const [oldest] = this.#gaps;
    if (oldest === undefined) return;
    this.#gaps = this.#gaps.slice(1);
    this.#leave(oldest);
  }

  /** A frame declares losses: news of those that were missing. */
  declare(losses: readonly DroppedRange[], by: Position): Missing[] {
    return this.#asked().flatMap(([inquiry, ends]) => inquiry.declare(ends, losses, by) ?? []);
  }

  /** The board says something of its frames, `now`. */
  hear(status: BoardStatus, now: number): void {
    this.#hasNews = true;
    for (const [inquiry, ends] of this.#asked()) inquiry.hear(ends, status, now);
  }

  /**
   * News of frames that are missing, after the board's last `status`, which it said at `at`; of what it handed on, where it said so
   * until `given`.
   */
  look(status: BoardStatus, at: number, given: number): Missing[] {
    if (!this.#hasNews) return [];
    this.hear(status, at); // it may have come before the gap was given up
    const asked = this.#asked();
    const news = asked.flatMap(([inquiry, ends]) => inquiry.look(ends, status, given) ?? []);
    this.#hasNews = asked.some(([inquiry]) => inquiry.isOpen);
    return news;
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

  /** The frames that a frame which comes to a place that was passed would stand between. */
  around(frame: Position): Pick<Gap<T>, "before" | "after"> | undefined {
    return this.#gaps.find(
      ({ before, after }) =>
        (before === undefined || comparePositions(before, frame) < 0) && comparePositions(frame, after) < 0,
    );
  }

  /** Whether a declared gap has its last place for another frame: that which the one after it follows. */
  contradicts(frame: Position, hash: string): boolean {
    const gap = this.around(frame) as Gap<T> | undefined;
    if (gap === undefined || gap.hold?.end !== gap.after) return false;
    const { after, prev } = gap;
    return frame.boot === after.boot && frame.sequence + 1 === after.sequence && prev !== hash;
  }

  /**
   * A frame comes to a place that was passed. Those that are known to be linked by that: it, and what was held until now; none where
   * it is held; undefined where it is linked to nothing.
   */
  fill(item: T, frame: Tip, prev: string): readonly T[] | undefined {
    const gap = this.around(frame) as Gap<T> | undefined;
    if (gap === undefined) return undefined;
    const { before, after, inquiry, hold } = gap;
    const follows =
      before === undefined
        ? frame.sequence === 0 && prev === NOTHING_BEFORE
        : prev === before.hash && isNext(before, frame);
    const isFollowed = gap.prev === frame.hash && isNext(frame, after);
    const rest: Gap<T>[] = [];
    if (!follows)
      rest.push({
        before,
        after: frame,
        prev,
        inquiry: before && inquiry?.copy({ before, after: frame }),
        hold,
      });
    if (!isFollowed)
      rest.push({
        before: frame,
        after,
        prev: gap.prev,
        inquiry: inquiry?.copy({ before: frame, after }),
        hold,
      });
    if (hold !== undefined) {
      hold.open += rest.length - 1;
      hold.items.push(item);
    }
    this.#replace(gap, rest);
    if (hold === undefined) return follows || isFollowed ? [item] : undefined;
    return hold.open > 0 || hold.isDead ? [] : hold.items.splice(0);
  }

  /** Takes out all that is held: what is missing beside it will not come. */
  release(): readonly T[] {
    const released = this.#strays;
    this.#strays = [];
    for (const { hold } of this.#gaps) if (hold !== undefined) released.push(...hold.items.splice(0));
    return released;
  }

  #replace(old: Gap<T> | undefined, now: readonly Gap<T>[]): void {
    this.#hasNews = true;
    this.#gaps = [...this.#gaps.filter((gap) => gap !== old), ...now];
    while (this.#gaps.length > GAPS) this.forget();
  }

  #leave({ hold }: Gap<T>): void {
    if (hold === undefined) return;
    hold.isDead = true;
    this.#strays.push(...hold.items.splice(0));
  }
}

/** Whether a frame can follow another with none between them. */
function isNext(first: Position, second: Position): boolean {
  return first.boot === second.boot
    ? first.sequence + 1 === second.sequence
    : first.boot < second.boot && second.sequence === 0;
}
