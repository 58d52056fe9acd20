/** Ranges at the most: more than a window of frames in flight makes. */
export const MAX_RANGES = 24;

/**
 * A set of ids, in ranges that are in order and apart, in an array made once. Where it would take more ranges than there is
 * room for, two that are close are joined: ids between them are then in the set again, which for frames means that they are
 * sent once more.
 */
export class IdRanges {
  /** From and to (not included), range after range. */
  readonly #bounds: Float64Array;
  #used = 0;
  /** Ids in the set. */
  count = 0;

  /** `room`: ranges at the most. */
  constructor(room = MAX_RANGES) {
    this.#bounds = new Float64Array(2 * room);
  }

  /** The lowest id, or -1. */
  get first(): number {
    return this.#used === 0 ? -1 : (this.#bounds[0] as number);
  }

  /** The highest id, or -1. */
  get last(): number {
    return this.#used === 0 ? -1 : (this.#bounds[this.#used - 1] as number) - 1;
  }

  has(id: number): boolean {
    const at = this.rangeFor(id);
    return at >= 0 && id < (this.#bounds[at + 1] as number);
  }

  /** The lowest id in the set that is at least `id`, or -1. */
  atLeast(id: number): number {
    const at = this.rangeFor(id);
    if (at >= 0 && id < (this.#bounds[at + 1] as number)) return id;
    return at + 2 < this.#used ? (this.#bounds[at + 2] as number) : -1;
  }

  /** The highest id in the set that is at most `id`, or -1. */
  atMost(id: number): number {
    const at = this.rangeFor(id);
    if (at < 0) return -1;
    const end = this.#bounds[at + 1] as number;
    return id < end ? id : end - 1;
  }

  /** Adds ids that are above all others: `from` to `to`, not included. */
  append(from: number, to: number): void {
    if (to <= from) return;
    const bounds = this.#bounds;
    if (this.#used > 0 && bounds[this.#used - 1] === from) bounds[this.#used - 1] = to;
    else {
      if (this.#used === bounds.length) this.joinClosest();
      bounds[this.#used] = from;
      bounds[this.#used + 1] = to;
      this.#used += 2;
    }
    this.count += to - from;
  }

  remove(id: number): void {
    const bounds = this.#bounds;
    const at = this.rangeFor(id);
    if (at < 0) return;
    const from = bounds[at] as number;
    const to = bounds[at + 1] as number;
    if (id >= to) return;
    this.count--;
    if (from === id && to === id + 1) this.close(at);
    else if (from === id) bounds[at] = id + 1;
    else if (to === id + 1) bounds[at + 1] = id;
    else if (this.#used === bounds.length) this.count++;
    else {
      bounds.copyWithin(at + 2, at, this.#used);
      this.#used += 2;
      bounds[at + 1] = id;
      bounds[at + 2] = id + 1;
    }
  }

  /** Takes out all ids below `id`. */
  removeBelow(id: number): void {
    while (this.#used > 0 && this.first < id) {
      const to = Math.min(this.#bounds[1] as number, id);
      this.count -= to - this.first;
      if (to === this.#bounds[1]) this.close(0);
      else this.#bounds[0] = to;
    }
  }

  /** Takes out `id` and all above it. */
  removeFrom(id: number): void {
    while (this.#used > 0 && this.last >= id) {
      const from = Math.max(this.#bounds[this.#used - 2] as number, id);
      this.count -= this.last + 1 - from;
      if (from === this.#bounds[this.#used - 2]) this.#used -= 2;
      else this.#bounds[this.#used - 1] = from;
    }
  }

  clear(): void {
    this.#used = 0;
    this.count = 0;
  }

  /** A copy of the bounds, for `restore`. */
  save(): Float64Array {
    return this.#bounds.slice(0, this.#used);
  }

  restore(bounds: Float64Array): void {
    this.clear();
    for (let at = 0; at < bounds.length; at += 2) this.append(bounds[at] as number, bounds[at + 1] as number);
  }

  get ranges(): number {
    return this.#used / 2;
  }

  /** The first id of range number `range`. */
  from(range: number): number {
    return this.#bounds[2 * range] as number;
  }

  /** The id behind its last one. */
  to(range: number): number {
    return this.#bounds[2 * range + 1] as number;
  }

  /** The place of the last range that starts at or before `id`, or -2. */
  private rangeFor(id: number): number {
    let at = this.#used - 2;
    while (at >= 0 && (this.#bounds[at] as number) > id) at -= 2;
    return at;
  }

  private close(at: number): void {
    this.#bounds.copyWithin(at, at + 2, this.#used);
    this.#used -= 2;
  }

  private joinClosest(): void {
    const bounds = this.#bounds;
    let best = 1;
    for (let at = 3; at < this.#used - 1; at += 2) if (gap(bounds, at) < gap(bounds, best)) best = at;
    this.count += gap(bounds, best);
    bounds.copyWithin(best, best + 2, this.#used);
    this.#used -= 2;
  }
}

/** Ids between the range that ends at place `at` and the next one. */
function gap(bounds: ArrayLike<number>, at: number): number {
  return (bounds[at + 1] as number) - (bounds[at] as number);
}
