import type { DroppedRange, Position } from "../../agent/frame/chain.js";

/** Doubles that a range takes: boot, first, last. */
const STRIDE = 3;
const BYTES = 8 * STRIDE;
const NOTHING = new Float64Array(0);

/**
 * A set of a device's positions, as ranges in the order of signing that neither overlap nor touch. It is searched by halves, and
 * adding costs no more than moving those behind: how many it may have, its owner says.
 */
export class PositionRanges {
  #bounds = NOTHING;
  #used = 0;

  /** Ranges. */
  get size(): number {
    return this.#used / STRIDE;
  }

  /** What it takes. */
  get bytes(): number {
    return this.#bounds.byteLength;
  }

  has({ boot, sequence }: Position): boolean {
    return this.covers(boot, sequence, sequence);
  }

  /** Whether all of `first` to `last` of a boot is in it; true where there is nothing from the one to the other. */
  covers(boot: number, first: number, last: number): boolean {
    if (first > last) return true;
    const at = this.#endingFrom(boot, first);
    return this.#boot(at) === boot && this.#first(at) <= first && this.#last(at) >= last;
  }

  /** Whether anything is in it of a boot after the one and before the other. */
  hasBetween(after: number, before: number): boolean {
    const boot = this.#boot(this.#endingFrom(after, Number.POSITIVE_INFINITY));
    return boot !== undefined && boot < before;
  }

  /** Joins what overlaps or touches. */
  add({ boot, first, last }: DroppedRange): void {
    const from = this.#endingFrom(boot, first - 1);
    let to = from;
    let low = first;
    let high = last;
    while (this.#boot(to) === boot && this.#first(to) <= high + 1) {
      low = Math.min(low, this.#first(to));
      high = Math.max(high, this.#last(to));
      to += STRIDE;
    }
    this.#move(to, from + STRIDE);
    this.#bounds[from] = boot;
    this.#bounds[from + 1] = low;
    this.#bounds[from + 2] = high;
  }

  /** Undefined where it is empty. */
  removeFirst(): DroppedRange | undefined {
    if (this.#used === 0) return undefined;
    const first = this.#at(0);
    this.#move(STRIDE, 0);
    return first;
  }

  /** Harmless where it is empty. */
  removeLast(): void {
    this.#used = Math.max(0, this.#used - STRIDE);
  }

  /** Takes out each range of which nothing comes after a position. */
  removeThrough({ boot, sequence }: Position): void {
    const at = this.#endingFrom(boot, sequence + 1);
    if (at > 0) this.#move(at, 0);
  }

  /** Those that have something from the one position to the other, `most` of them at the most. */
  within(from: Position, to: Position, most: number): PositionRanges {
    const part = new PositionRanges();
    for (let at = this.#endingFrom(from.boot, from.sequence); part.size < most; at += STRIDE) {
      const boot = this.#boot(at);
      if (boot === undefined || boot > to.boot || (boot === to.boot && this.#first(at) > to.sequence)) break;
      part.add(this.#at(at));
    }
    return part;
  }

  /** `first` to `last` of a boot, without what is in the set. */
  rest(boot: number, first: number, last: number): DroppedRange[] {
    const rest: DroppedRange[] = [];
    let next = first;
    for (
      let at = this.#endingFrom(boot, first);
      this.#boot(at) === boot && this.#first(at) <= last;
      at += STRIDE
    ) {
      if (this.#first(at) > next) rest.push({ boot, first: next, last: this.#first(at) - 1 });
      next = this.#last(at) + 1;
    }
    if (next <= last) rest.push({ boot, first: next, last });
    return rest;
  }

  copy(): PositionRanges {
    const copy = new PositionRanges();
    copy.#bounds = this.#bounds.slice(0, this.#used);
    copy.#used = this.#used;
    return copy;
  }

  /** Place of the first range that ends at or after a position; the end where none does. */
  #endingFrom(boot: number, sequence: number): number {
    let low = 0;
    let high = this.size;
    while (low < high) {
      const middle = (low + high) >> 1;
      const at = STRIDE * middle;
      const isBefore =
        (this.#bounds[at] as number) < boot ||
        (this.#bounds[at] === boot && (this.#bounds[at + 2] as number) < sequence);
      if (isBefore) low = middle + 1;
      else high = middle;
    }
    return STRIDE * low;
  }

  /** What stands from place `from` on, to place `to`. */
  #move(from: number, to: number): void {
    const used = this.#used + to - from;
    if (BYTES * (used / STRIDE) > this.#bounds.byteLength) {
      const larger = new Float64Array(Math.max(4 * STRIDE, 2 * this.#used));
      larger.set(this.#bounds);
      this.#bounds = larger;
    }
    this.#bounds.copyWithin(to, from, this.#used);
    this.#used = used;
    if (used === 0) this.#bounds = NOTHING; // without the room that it had
  }

  #boot(at: number): number | undefined {
    return at < this.#used ? this.#bounds[at] : undefined;
  }

  #first(at: number): number {
    return this.#bounds[at + 1] as number;
  }

  #last(at: number): number {
    return this.#bounds[at + 2] as number;
  }

  #at(at: number): DroppedRange {
    return { boot: this.#bounds[at] as number, first: this.#first(at), last: this.#last(at) };
  }
}
