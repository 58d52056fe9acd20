/** Doubles that a frame takes: its id, and two sets of brokers. */
const STRIDE = 3;
const SENT_TO = 1;
const ACKED_BY = 2;
const FREE = -1;

/** Frames on their way, in an array made once: which they are, and the brokers (bits) that they were sent to and that have them. */
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

  /** The place of a frame, or -1; of FREE: a free place. */
  find(id: number): number {
    const slots = this.#slots;
    for (let at = 0; at < slots.length; at += STRIDE) if (slots[at] === id) return at / STRIDE;
    return -1;
  }

  /** `brokers`: those that have it. */
  put(place: number, id: number, brokers = 0): void {
    const at = STRIDE * place;
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

  acked(place: number, broker: number): void {
    const at = STRIDE * place + ACKED_BY;
    this.#slots[at] = (this.#slots[at] as number) | (1 << broker);
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
