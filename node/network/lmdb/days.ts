import type { Database } from "lmdb";
import { behind, dayKey, dayOfKey, kidOfKey, readCount, writeCount } from "./keys.js";

export const DAY_SECONDS = 86_400;
/** What a boot's last sequence of a day is rounded up to, so that few frames change the table. */
const STEP = 256;
/** Ranges that are held in memory between commits, about 250 bytes each. */
const HELD = 32_768;

/** The day (UTC) of a date in Unix seconds, since 1970; of dates that no key holds, the last one. */
export const dayOf = (time: number): number =>
  Math.floor(Math.min(time, DAY_SECONDS * (2 ** 32 - 1)) / DAY_SECONDS);

export interface DayRange {
  readonly day: number;
  readonly boot: number;
  /** Sequences: the frames of that day are among these. */
  readonly first: number;
  readonly last: number;
}

/**
 * Where a device's frames of a day are: for each kid, day (UTC) and boot the first sequence and one
 * that is not below the last, in 8 bytes each. An index of every frame would take a quarter of the
 * store.
 */
export class DayTable {
  readonly db: Database<Buffer, Buffer>;
  /** What was put and may not be readable yet, and what was read lately. */
  readonly #known = new Map<string, DayRange>();

  constructor(db: Database<Buffer, Buffer>) {
    this.db = db;
  }

  /** Takes in a frame. `time`: Unix seconds. */
  add(kid: Uint8Array, time: number, boot: number, sequence: number): void {
    const day = Math.max(0, Math.floor(time / DAY_SECONDS));
    const key = dayKey(kid, day, boot);
    const name = key.toString("latin1");
    let known = this.#known.get(name);
    if (known === undefined) {
      known = rangeOf(key, this.db.get(key));
      if (known !== undefined) this.#known.set(name, known);
    }
    if (known !== undefined && sequence >= known.first && sequence <= known.last) return;
    const last = sequence - (sequence % STEP) + STEP - 1;
    const range = {
      day,
      boot,
      first: Math.min(sequence, known?.first ?? sequence),
      last: Math.max(last, known?.last ?? 0),
    };
    this.#known.set(name, range);
    const value = Buffer.alloc(16);
    writeCount(value, range.first, 0);
    writeCount(value, range.last, 8);
    this.db.put(key, value);
  }

  /** All that was put can be read. */
  committed(): void {
    if (this.#known.size > HELD) this.forget();
  }

  /** What was put may never be readable. */
  forget(): void {
    this.#known.clear();
  }

  /** Of one device, from one day to another, both included; in the order of days, then boots. */
  *of(kid: Uint8Array, from: number, until: number): Generator<DayRange> {
    const start = dayKey(kid, Math.max(0, from), 0);
    const end = until >= 2 ** 32 - 1 ? behind(kid) : dayKey(kid, until + 1, 0);
    for (const { key, value } of this.db.getRange({ start, ...(end && { end }) }))
      yield rangeOf(key, value) as DayRange;
  }

  /** Devices that have an entry, in the order of their kids: a seek each. */
  *kids(): Generator<Buffer> {
    let start: Buffer | undefined = Buffer.alloc(1);
    while (start !== undefined) {
      const [key]: Buffer[] = [...this.db.getKeys({ start, limit: 1 })];
      if (key === undefined) return;
      const kid = Buffer.from(kidOfKey(key));
      yield kid;
      start = behind(kid);
    }
  }

  remove(kid: Uint8Array, { day, boot }: DayRange): void {
    const key = dayKey(kid, day, boot);
    this.#known.delete(key.toString("latin1"));
    this.db.remove(key);
  }
}

function rangeOf(key: Buffer, value: Buffer | undefined): DayRange | undefined {
  if (value === undefined) return undefined;
  const { day, boot } = dayOfKey(key);
  return { day, boot, first: readCount(value, 0), last: readCount(value, 8) };
}
