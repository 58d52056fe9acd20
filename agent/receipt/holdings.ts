/** Stretches without a gap that are remembered of a witness: the newest frames, and a backlog that fills up from both ends. */
const STRETCHES = 3;
/** From, and to (not included). */
const STRIDE = 2;

/**
 * Which frames each witness holds, by their ids in the journal, in an array made once. What was forgotten is not lost: the frame is
 * sent again, and its witness says again that it has it.
 */
export class Holdings {
  readonly #bounds: Float64Array;

  constructor(witnesses: number) {
    this.#bounds = new Float64Array(witnesses * STRETCHES * STRIDE);
  }

  /** How many witnesses hold a frame. */
  holders(id: number): number {
    const bounds = this.#bounds;
    let count = 0;
    for (let at = 0; at < bounds.length; at += STRIDE) {
      if (id < (bounds[at] as number) || id >= (bounds[at + 1] as number)) continue;
      count++; // a witness's stretches lie apart
    }
    return count;
  }

  /** Whether a witness is known to hold all frames from `from` to `to`, not included. */
  has(witness: number, from: number, to: number): boolean {
    const bounds = this.#bounds;
    const start = witness * STRETCHES * STRIDE;
    for (let at = start; at < start + STRETCHES * STRIDE; at += STRIDE)
      if ((bounds[at] as number) <= from && to <= (bounds[at + 1] as number)) return true;
    return false;
  }

  /**
   * A witness holds the frames from `from` to `to`, not included. `first`: what is before it is forgotten. Of more stretches than are
   * remembered the shortest is forgotten.
   */
  add(witness: number, from: number, to: number, first: number): void {
    const bounds = this.#bounds;
    const start = witness * STRETCHES * STRIDE;
    let low = from;
    let high = to;
    let shortest = start;
    for (let at = start; at < start + STRETCHES * STRIDE; at += STRIDE) {
      const begin = bounds[at] as number;
      const end = bounds[at + 1] as number;
      const touches = begin <= high && low <= end;
      if (touches && begin < end) {
        if (begin < low) low = begin;
        if (end > high) high = end;
      }
      if (touches || end <= first) {
        bounds[at] = 0;
        bounds[at + 1] = 0;
      }
      if (this.length(at) < this.length(shortest)) shortest = at;
    }
    if (high - low <= this.length(shortest)) return;
    bounds[shortest] = low;
    bounds[shortest + 1] = high;
  }

  private length(at: number): number {
    return (this.#bounds[at + 1] as number) - (this.#bounds[at] as number);
  }
}
