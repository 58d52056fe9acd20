import type { Position } from "../../../agent/frame/chain.js";
import type { FrameRecord } from "./record.js";

/** A frame that is to be written, or written again with its verdict. */
export interface Entry extends Position {
  /** Of its place (keys.ts). */
  readonly key: Buffer;
  readonly record: FrameRecord;
  readonly detail: string | undefined;
  /** It is among the frames without a verdict that were written. */
  readonly isUndecided: boolean;
}

/** What becomes durable together. */
export class Batch {
  readonly others: (() => unknown)[] = [];
  readonly done: Promise<void>;
  isScheduled = false;
  resolve!: () => void;
  reject!: (error: Error) => void;
  readonly #entries = new Map<string, Entry>();

  constructor() {
    this.done = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.done.catch(() => {}); // whoever waits for it is told
  }

  get isEmpty(): boolean {
    return this.#entries.size === 0 && this.others.length === 0;
  }

  get size(): number {
    return this.#entries.size + this.others.length;
  }

  get entries(): Iterable<Entry> {
    return this.#entries.values();
  }

  put(entry: Entry): void {
    this.#entries.set(nameOf(entry.key), entry);
  }

  /** Another write. */
  also(work: () => unknown): void {
    this.others.push(work);
  }

  at(place: Buffer): Entry | undefined {
    return this.#entries.size === 0 ? undefined : this.#entries.get(nameOf(place));
  }
}

const nameOf = (place: Buffer) => place.toString("latin1");
