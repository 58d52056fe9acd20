import type { DroppedRange, Position } from "../frame/chain.js";

/** Ranges that one frame of an agent declares at most: fewer than a judge takes, because each costs room. */
export const MAX_DECLARED = 4;
/** Ranges that a board remembers until they are declared. */
export const MAX_LOSSES = 16;

const NONE: readonly DroppedRange[] = Object.freeze([]);

/**
 * Frames that were signed and are lost, in the order of signing, until a frame that declares them has been acknowledged. A
 * frame declares the newest, since that may be what is missing just before it, and the oldest; when that is known, the next ones have their turn.
 */
export class Losses {
  /** What the next frame declares. */
  declared: readonly DroppedRange[] = NONE;
  #all: readonly DroppedRange[] = NONE;
  /** Id of the first frame that declares `declared` as it is. */
  #since = 0;

  get all(): readonly DroppedRange[] {
    return this.#all;
  }

  /** Whether `ranges` can be added and none forgotten. */
  hasRoom(ranges: readonly DroppedRange[]): boolean {
    return merge(this.#all, ranges).length <= MAX_LOSSES;
  }

  /** `next`: id of the next frame that is signed with `declared` as it is after this call. */
  add(ranges: readonly DroppedRange[], next: number): void {
    if (ranges.length > 0) this.set(merge(this.#all, ranges), next);
  }

  set(ranges: readonly DroppedRange[], next: number): void {
    this.#all = ranges;
    this.declared =
      ranges.length <= MAX_DECLARED
        ? ranges
        : [...ranges.slice(0, MAX_DECLARED - 1), ranges[ranges.length - 1] as DroppedRange];
    this.#since = next;
  }

  /** One frame is not lost. False where a frame has declared it by now, or there is no room for what is left of its range. */
  remove({ boot, sequence }: Position, next: number): boolean {
    const all: DroppedRange[] = [];
    let isFound = false;
    for (const range of this.#all) {
      const isIn = range.boot === boot && range.first <= sequence && sequence <= range.last;
      isFound ||= isIn;
      if (!isIn || range.first < sequence) all.push(isIn ? { ...range, last: sequence - 1 } : range);
      if (isIn && sequence < range.last) all.push({ ...range, first: sequence + 1 });
    }
    if (!isFound || next > this.#since || all.length > MAX_LOSSES) return false;
    this.set(all, next);
    return true;
  }

  /** The frame `id` was acknowledged; `next` as in `add`. */
  acknowledged(id: number, next: number): void {
    const { declared } = this;
    if (declared.length > 0 && id >= this.#since)
      this.set(
        this.#all.filter((range) => !declared.includes(range)),
        next,
      );
  }
}

/**
 * Ranges in the order of signing, apart from each other. Those of one boot are joined over what lies between where there would
 * be too many: that declares frames which did arrive, and is harmless.
 */
function merge(ranges: readonly DroppedRange[], added: readonly DroppedRange[]): DroppedRange[] {
  const merged = [...ranges, ...added].sort((a, b) => a.boot - b.boot || a.first - b.first);
  joinNeighbours(merged, 1);
  if (merged.length > MAX_LOSSES) joinNeighbours(merged, Number.POSITIVE_INFINITY);
  return merged;
}

/**
 * Joins ranges of one boot of which the second starts at most `distance` after the first's end. From the front, because a range
 * that was joined may reach over several that follow.
 */
function joinNeighbours(ranges: DroppedRange[], distance: number): void {
  for (let i = 0; i + 1 < ranges.length; ) {
    const a = ranges[i] as DroppedRange;
    const b = ranges[i + 1] as DroppedRange;
    if (a.boot === b.boot && b.first <= a.last + distance)
      ranges.splice(i, 2, { boot: a.boot, first: a.first, last: Math.max(a.last, b.last) });
    else i++;
  }
}
