/** Doubles that a frame takes: its id, two sets of brokers, and a time. */
const STRIDE = 4;
const SENT_TO = 1;
const ACKED_BY = 2;
const SINCE = 3;
const FREE = -1;

/**
 * Frames on their way, in an array made once: which they are, the brokers (bits) that they were sent to and that have them, and since when
 * any of them has.
 */
export class Window {
  /** Places. */
  readonly size: number;
  readonly #slots: Float64Array;

  constructor(size: number) {
    this.size = size;
    this.#slots = new Float64Array(STRIDE * size).fill(FREE);
  }

  /** The frame in a place, or -1. */
  id(place: number): number {
    return this.#slots[STRIDE * place] as number;
  }

  sentTo(place: number): number {
    return this.#slots[STRIDE * place + SENT_TO] as number;
  }

  ackedBy(place: number): number {
    return this.#slots[STRIDE * place + ACKED_BY] as number;
  }

  /** Uptime at which the first of the brokers that have it acknowledged it. */
  since(place: number): number {
    return this.#slots[STRIDE * place + SINCE] as number;
  }

  /** The place of a frame, or -1; of FREE: a free place. */
  find(id: number): number {
    const slots = this.#slots;
    for (let at = 0; at < slots.length; at += STRIDE) if (slots[at] === id) return at / STRIDE;
    return -1;
  }

  /** `brokers`: those that have it. */
  put(place: number, id: number, brokers: number, now: number): void {
    const at = STRIDE * place;
    this.#slots[at + SINCE] = now;
    this.#slots[at] = id;
    this.#slots[at + SENT_TO] = brokers;
    this.#slots[at + ACKED_BY] = brokers;
  }

  free(place: number): void {
    this.#slots[STRIDE * place] = FREE;
  }

  sent(place: number, brokers: number): void {
    this.#slots[STRIDE * place + SENT_TO] = brokers;
  }

  acked(place: number, broker: number, now: number): void {
    const at = STRIDE * place;
    const ackedBy = this.#slots[at + ACKED_BY] as number;
    if (ackedBy === 0) this.#slots[at + SINCE] = now;
    this.#slots[at + ACKED_BY] = ackedBy | (1 << broker);
  }

  /** What a broker was sent counts for nothing, even what it acknowledged. */
  forget(broker: number): void {
    const others = ~(1 << broker);
    const slots = this.#slots;
    for (let at = 0; at < slots.length; at += STRIDE) {
      slots[at + SENT_TO] = (slots[at + SENT_TO] as number) & others;
      slots[at + ACKED_BY] = (slots[at + ACKED_BY] as number) & others;
    }
  }
}

export function countBits(bits: number): number {
  let count = 0;
  for (; bits !== 0; bits &= bits - 1) count++;
  return count;
}
