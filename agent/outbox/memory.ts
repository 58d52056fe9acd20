import type { DroppedRange, Position } from "../frame/chain.js";
import { addLoss } from "./losses.js";
import type { Outbox } from "./outbox.js";

const NO_LOSSES: readonly DroppedRange[] = Object.freeze([]);

/** Doubles that one frame takes: its length (0: acknowledged), where it starts, boot, sequence, losses that it declares. */
const STRIDE = 5;
const LENGTH = 0;
const START = 1;
const BOOT = 2;
const SEQUENCE = 3;
const DECLARES = 4;

/**
 * An outbox in RAM for `capacity` frames of at most `frameBytes`, allocated once. The oldest is lost when it is full.
 * `bytes`: what all frames together may have; by default enough for as many as are as long as can be. With less, fewer of
 * the long ones fit; room for one of `frameBytes` is made before each frame.
 */
export function createMemoryOutbox(
  capacity: number,
  frameBytes: number,
  bytes = (capacity + 1) * frameBytes,
): Outbox {
  return new MemoryOutbox(capacity, frameBytes, bytes);
}

/** The numbers of frame `id` are in place id % capacity; its bytes follow those of the frame before, or start anew at 0. */
class MemoryOutbox implements Outbox {
  first = 0;
  next = 0;
  pending = 0;
  losses: readonly DroppedRange[] = NO_LOSSES;
  /** Counts the changes of `losses`. */
  #version = 0;
  /** Where the newest frame's bytes end. */
  #end = 0;
  readonly #capacity: number;
  readonly #frameBytes: number;
  readonly #size: number;
  readonly #bytes: Uint8Array;
  readonly #numbers: Float64Array;

  constructor(capacity: number, frameBytes: number, bytes: number) {
    if (bytes < frameBytes)
      throw new RangeError(`an outbox of ${bytes} bytes has no room for a frame of ${frameBytes}`);
    this.#capacity = capacity;
    this.#frameBytes = frameBytes;
    this.#size = bytes;
    this.#bytes = new Uint8Array(bytes);
    this.#numbers = new Float64Array(STRIDE * capacity);
  }

  makeRoom(): void {
    while (this.next - this.first >= this.#capacity || this.place(this.#frameBytes) < 0) {
      const { boot, sequence } = this.position(this.first) as Position;
      this.leave(this.first);
      this.lose({ boot, first: sequence, last: sequence });
    }
  }

  append(position: Position, frame: Uint8Array): void {
    const { length } = frame;
    if (length > this.#frameBytes)
      throw new RangeError(`a frame of ${length} bytes, not ${this.#frameBytes}`);
    const declares = this.#version; // before room is made: what that loses is news to this frame
    let start = this.next - this.first < this.#capacity ? this.place(length) : -1;
    if (start < 0) {
      this.makeRoom();
      start = this.place(length);
    }
    this.#bytes.set(frame, start);
    this.#end = start + length;
    const at = STRIDE * (this.next % this.#capacity);
    const numbers = this.#numbers;
    numbers[at + LENGTH] = length;
    numbers[at + START] = start;
    numbers[at + BOOT] = position.boot;
    numbers[at + SEQUENCE] = position.sequence;
    numbers[at + DECLARES] = declares;
    this.next++;
    this.pending++;
  }

  has(id: number): boolean {
    return id >= this.first && id < this.next && this.number(id, LENGTH) !== 0;
  }

  get(id: number): Uint8Array | undefined {
    if (!this.has(id)) return undefined;
    const start = this.number(id, START);
    return this.#bytes.subarray(start, start + this.number(id, LENGTH));
  }

  position(id: number): Position | undefined {
    if (!this.has(id)) return undefined;
    return { boot: this.number(id, BOOT), sequence: this.number(id, SEQUENCE) };
  }

  acknowledge(id: number): void {
    if (!this.has(id)) return;
    if (this.number(id, DECLARES) === this.#version) this.losses = NO_LOSSES;
    this.leave(id);
  }

  lose(range: DroppedRange): void {
    this.losses = addLoss(this.losses, range);
    this.#version++;
  }

  private number(id: number, which: number): number {
    return this.#numbers[STRIDE * (id % this.#capacity) + which] as number;
  }

  /** Where `length` bytes in a row are free, or -1. */
  private place(length: number): number {
    if (this.first === this.next) return 0;
    const begin = this.number(this.first, START);
    const end = this.#end;
    if (end <= begin) return begin - end >= length ? end : -1;
    if (this.#size - end >= length) return end;
    return begin >= length ? 0 : -1;
  }

  private leave(id: number): void {
    this.#numbers[STRIDE * (id % this.#capacity) + LENGTH] = 0;
    this.pending--;
    while (this.first < this.next && !this.has(this.first)) this.first++;
  }
}
