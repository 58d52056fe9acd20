import type { DroppedRange, Position } from "../frame/chain.js";
import { addLoss } from "./losses.js";
import type { Outbox } from "./outbox.js";

const NO_LOSSES: readonly DroppedRange[] = [];

/** An outbox in RAM: `capacity` frames of at most `frameBytes`, allocated once. The oldest is lost when full. */
export function createMemoryOutbox(capacity: number, frameBytes: number): Outbox {
  return new MemoryOutbox(capacity, frameBytes);
}

/** Frame `id` is in place id % capacity of each array. */
class MemoryOutbox implements Outbox {
  first = 0;
  next = 0;
  pending = 0;
  losses: readonly DroppedRange[] = NO_LOSSES;
  /** Counts the changes of `losses`. */
  #version = 0;
  readonly #capacity: number;
  readonly #frameBytes: number;
  readonly #bytes: Uint8Array;
  /** 0: acknowledged, or never used. */
  readonly #length: Uint16Array;
  /** Boot, sequence, and the version of `losses` that the frame declares, three in a row. */
  readonly #numbers: Float64Array;

  constructor(capacity: number, frameBytes: number) {
    this.#capacity = capacity;
    this.#frameBytes = frameBytes;
    this.#bytes = new Uint8Array(capacity * frameBytes);
    this.#length = new Uint16Array(capacity);
    this.#numbers = new Float64Array(3 * capacity);
  }

  makeRoom(): void {
    if (this.next - this.first < this.#capacity) return;
    const { boot, sequence } = this.position(this.first) as Position;
    this.#leave(this.first);
    this.lose({ boot, first: sequence, last: sequence });
  }

  append(position: Position, frame: Uint8Array): void {
    if (frame.length > this.#frameBytes)
      throw new RangeError(`a frame of ${frame.length} bytes, not ${this.#frameBytes}`);
    const declares = this.#version; // before room is made: what that loses is news to this frame
    this.makeRoom();
    const place = this.next % this.#capacity;
    this.#bytes.set(frame, place * this.#frameBytes);
    this.#length[place] = frame.length;
    this.#numbers[3 * place] = position.boot;
    this.#numbers[3 * place + 1] = position.sequence;
    this.#numbers[3 * place + 2] = declares;
    this.next++;
    this.pending++;
  }

  has(id: number): boolean {
    return id >= this.first && id < this.next && this.#length[id % this.#capacity] !== 0;
  }

  get(id: number): Uint8Array | undefined {
    if (!this.has(id)) return undefined;
    const place = id % this.#capacity;
    const start = place * this.#frameBytes;
    return this.#bytes.subarray(start, start + (this.#length[place] as number));
  }

  position(id: number): Position | undefined {
    if (!this.has(id)) return undefined;
    const at = 3 * (id % this.#capacity);
    return { boot: this.#numbers[at] as number, sequence: this.#numbers[at + 1] as number };
  }

  acknowledge(id: number): void {
    if (!this.has(id)) return;
    if (this.#numbers[3 * (id % this.#capacity) + 2] === this.#version) this.losses = NO_LOSSES;
    this.#leave(id);
  }

  lose(range: DroppedRange): void {
    this.losses = addLoss(this.losses, range);
    this.#version++;
  }

  #leave(id: number): void {
    this.#length[id % this.#capacity] = 0;
    this.pending--;
    while (this.first < this.next && !this.has(this.first)) this.first++;
  }
}
