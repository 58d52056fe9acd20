/** Doubles that one reading takes: channel, mantissa, time. */
const STRIDE = 3;

/**
 * Readings on their way into a frame, in an array made once: sampling allocates nothing. They stand in the order in which a
 * frame has them: by channel, and the latest of a channel first. A channel is a quantity of a sensor; the agent numbers its
 * channels from 0.
 */
export class Batch {
  readonly #readings: Float64Array;
  #count = 0;

  /** `capacity`: readings that fit. */
  constructor(readonly capacity: number) {
    this.#readings = new Float64Array(STRIDE * capacity);
  }

  get count(): number {
    return this.#count;
  }

  get full(): boolean {
    return this.#count === this.capacity;
  }

  /** `time`: uptime in milliseconds, no less than those before. Must not be called when full. */
  add(channel: number, mantissa: number, time: number): void {
    if (this.full) throw new RangeError(`a batch of ${this.capacity} readings is full`);
    const readings = this.#readings;
    const end = STRIDE * this.#count++;
    let at = end;
    while (at > 0 && (readings[at - STRIDE] as number) >= channel) at -= STRIDE;
    if (at < end) readings.copyWithin(at + STRIDE, at, end);
    readings[at] = channel;
    readings[at + 1] = mantissa;
    readings[at + 2] = time;
  }

  clear(): void {
    this.#count = 0;
  }

  channel(index: number): number {
    return this.#readings[STRIDE * index] as number;
  }

  mantissa(index: number): number {
    return this.#readings[STRIDE * index + 1] as number;
  }

  /** Uptime in milliseconds. */
  time(index: number): number {
    return this.#readings[STRIDE * index + 2] as number;
  }

  /** Uptime in milliseconds of the latest reading; 0 where there is none. */
  latest(): number {
    let latest = 0;
    for (let at = STRIDE * this.#count - 1; at > 0; at -= STRIDE) {
      const time = this.#readings[at] as number;
      if (time > latest) latest = time;
    }
    return latest;
  }
}
