/**
 * Readings on their way into a frame, in arrays made once: sampling allocates nothing.
 * A channel is a quantity of a sensor; the agent numbers its channels from 0.
 */
export class Batch {
  readonly #channel: Uint8Array;
  readonly #mantissa: Float64Array;
  readonly #time: Float64Array;
  #count = 0;

  /** `capacity`: readings that fit. Channels are 0 to 255. */
  constructor(readonly capacity: number) {
    this.#channel = new Uint8Array(capacity);
    this.#mantissa = new Float64Array(capacity);
    this.#time = new Float64Array(capacity);
  }

  get count(): number {
    return this.#count;
  }

  get full(): boolean {
    return this.#count === this.capacity;
  }

  /** `time`: uptime in milliseconds. Must not be called when full. */
  add(channel: number, mantissa: number, time: number): void {
    if (this.full) throw new RangeError(`a batch of ${this.capacity} readings is full`);
    this.#channel[this.#count] = channel;
    this.#mantissa[this.#count] = mantissa;
    this.#time[this.#count] = time;
    this.#count++;
  }

  clear(): void {
    this.#count = 0;
  }

  channel(index: number): number {
    return this.#channel[index] as number;
  }

  mantissa(index: number): number {
    return this.#mantissa[index] as number;
  }

  /** Uptime in milliseconds. */
  time(index: number): number {
    return this.#time[index] as number;
  }

  latest(): number {
    let latest = 0;
    for (let i = 0; i < this.#count; i++) latest = Math.max(latest, this.time(i));
    return latest;
  }
}
