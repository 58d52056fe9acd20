import type { DroppedRange, Position } from "../../agent/frame/chain.js";
import type { Verdict } from "../../agent/frame/verdict.js";

/** What became of one frame. Times are milliseconds of the run; -1: not yet. */
export interface FrameRecord extends Position {
  readonly board: number;
  /** Of what was signed, in hex. */
  readonly digest: string;
  readonly signedAt: number;
  /** What the board took for the time of day was wrong, or unknown to it. */
  readonly isClockWrong: boolean;
  /** As it left the board first; a character a byte. */
  signature: string;
  durableAt: number;
  acknowledgedAt: number;
  keptAt: number;
  verdict: Verdict | undefined;
  /** A frame that the verifier has says that this one was lost. */
  isDeclared: boolean;
  /** Its board has signed that it was lost. */
  isGone: boolean;
  /** Brokers (bits) that acknowledged it. */
  ackedBy: number;
  /** Those of them whose sessions with the board lasted since, until it left. */
  heldBy: number;
  /** Since when at least one of them has it, or -1. */
  heldSince: number;
  /** It left with fewer brokers than it needs, and that was right: there was no room for it any more, or the others had been away for too long. */
  isShort: boolean;
}

/** Acknowledgements with which a frame may leave its board. */
export const ENOUGH = 2;

/** One board's frames. */
export class BoardLedger {
  /** Boot numbers that it took. */
  readonly boots: number[] = [];
  /** In the order in which they were durable. */
  readonly durable: FrameRecord[] = [];
  readonly #byId = new Map<number, FrameRecord>();
  readonly #byBoot = new Map<number, (FrameRecord | undefined)[]>();
  /** All before this place in `durable` are settled. */
  #settled = 0;
  lastSignedAt = -1;
  /** Frames that wait, though a broker has them whose session lasts. */
  readonly held = new Set<FrameRecord>();
  /** Since when there is always such a frame, or -1. */
  #heldSince = -1;
  /** By broker: frames of this session without an acknowledgement, by their ids. */
  readonly #owed: Set<number>[];
  /** By broker: when it had last acknowledged all that it was given, or the boot began. */
  readonly #wellAt: number[];
  readonly #absent: number;
  /** When the board lost its power or was reset. */
  readonly cuts: number[] = [];
  /** When a frame could last not be read any more, or -1. It leaves then with the brokers that have it. */
  unreadableAt = -1;

  /** `absent`: milliseconds for which frames wait for a broker that is away. */
  constructor(brokers: number, absent: number) {
    this.#owed = Array.from({ length: brokers }, () => new Set());
    this.#wellAt = new Array(brokers).fill(0);
    this.#absent = absent;
  }

  booted(boot: number, now: number): void {
    this.boots.push(boot);
    this.#wellAt.fill(now);
  }

  /**
   * Whether frames may leave with fewer brokers than they need: too few have been well in all that time, or frames have waited for so
   * long for one that is not, or one just could not be read any more.
   */
  isExcused(now: number): boolean {
    if (this.unreadableAt === now) return true;
    const well = this.#wellAt.filter((at) => now - at < this.#absent).length;
    return well < ENOUGH || (this.#heldSince >= 0 && now - this.#heldSince >= this.#absent);
  }

  find({ boot, sequence }: Position): FrameRecord | undefined {
    return this.#byBoot.get(boot)?.[sequence];
  }

  /** Whether the board's clock was wrong as it signed a frame, or one before it in the same boot. */
  wasClockWrong({ boot, sequence }: Position): boolean {
    return (this.#byBoot.get(boot) ?? []).slice(0, sequence + 1).some((record) => record?.isClockWrong);
  }

  add(record: FrameRecord): void {
    let frames = this.#byBoot.get(record.boot);
    if (frames === undefined) {
      frames = [];
      this.#byBoot.set(record.boot, frames);
    }
    frames[record.sequence] = record;
    this.lastSignedAt = record.signedAt;
  }

  becameDurable(record: FrameRecord, now: number): void {
    if (record.durableAt >= 0) return;
    record.durableAt = now;
    this.durable.push(record);
  }

  acknowledged(record: FrameRecord, now: number): void {
    if (record.acknowledgedAt >= 0) return;
    record.acknowledgedAt = now;
    this.#letGo(record);
  }

  /** Durable frames that were signed then or later: one that the power caught in the writing is known to be durable only when it is sent. */
  youngerThan(signedAt: number): number {
    return this.durable.filter((record) => record.signedAt >= signedAt).length;
  }

  cutsSince(at: number): number {
    return this.cuts.filter((cut) => cut >= at).length;
  }

  /** Its board signs that these were lost. */
  gone({ boot, first, last }: DroppedRange): void {
    for (const record of this.#byBoot.get(boot)?.slice(first, last + 1) ?? [])
      if (record !== undefined) {
        record.isGone = true;
        this.#letGo(record);
      }
  }

  /** A verified frame says that these were lost. Returns how many that is news of. */
  declared({ boot, first, last }: DroppedRange): number {
    let count = 0;
    for (const record of this.#byBoot.get(boot)?.slice(first, last + 1) ?? []) {
      if (record === undefined || record.isDeclared) continue;
      record.isDeclared = true;
      count++;
    }
    return count;
  }

  /** A board sends a frame under an id that is the frame's for good. */
  sent(record: FrameRecord, id: number, broker: number): void {
    this.#owed[broker]?.add(id);
    if (record.acknowledgedAt < 0) this.#byId.set(id, record);
  }

  /** A broker's acknowledgement reached the board. What the power cuts off before the board says so, it may have written down. */
  acked(id: number, broker: number, now: number): void {
    const owed = this.#owed[broker];
    if (owed?.delete(id) === true && owed.size === 0) this.#wellAt[broker] = now;
    const record = this.#byId.get(id);
    if (record === undefined) return;
    if (isWaiting(record) && record.heldBy === 0) {
      if (this.held.size === 0) this.#heldSince = now;
      this.held.add(record);
      record.heldSince = now;
    }
    record.ackedBy |= 1 << broker;
    record.heldBy |= 1 << broker;
    if (record.acknowledgedAt >= 0) this.#byId.delete(id);
  }

  /** The board lost its power or was reset. */
  wentOff(now: number): void {
    this.cuts.push(now);
    for (const owed of this.#owed) owed.clear();
    this.broke(-1);
  }

  /** A session has ended, and with it what the broker owed. */
  ended(broker: number): void {
    this.#owed[broker]?.clear();
  }

  /** Sessions with these brokers (bits) have ended otherwise than the board wanted: what they acknowledged of frames that wait counts for nothing. */
  broke(brokers: number): void {
    for (const record of this.held) {
      record.heldBy &= ~brokers;
      if (record.heldBy === 0) this.#letGo(record);
    }
  }

  #letGo(record: FrameRecord): void {
    record.heldSince = -1;
    this.held.delete(record);
    if (this.held.size === 0) this.#heldSince = -1;
  }

  /** The durable frame that has waited longest: neither acknowledged nor declared lost. */
  oldestWaiting(): FrameRecord | undefined {
    const boot = this.boots.at(-1);
    for (
      let record = this.durable[this.#settled];
      record !== undefined;
      record = this.durable[++this.#settled]
    )
      if (isWaiting(record) && !(record.boot !== boot && countBits(record.ackedBy) >= ENOUGH)) return record;
    return undefined;
  }

  /** The durable frame that has waited shortest, likewise. */
  newestWaiting(): FrameRecord | undefined {
    for (let at = this.durable.length - 1; at >= this.#settled; at--) {
      const record = this.durable[at] as FrameRecord;
      if (mustBeThere(record)) return record;
    }
    return undefined;
  }

  /** Durable frames whose board has neither told that they were acknowledged nor declared them lost. */
  get open(): number {
    // From the first on: a broker's acknowledgement that the power cut off settles a frame, and the board need not know.
    return this.durable.filter(isWaiting).length;
  }

  /** Durable frames that must be there after a reset. */
  get waiting(): number {
    let count = 0;
    for (let at = this.#settled; at < this.durable.length; at++)
      if (mustBeThere(this.durable[at] as FrameRecord)) count++;
    return count;
  }

  /** The first of them and all that are behind it in the journal, whether or not they have left: nothing between is free. */
  get spanned(): number {
    let at = this.#settled;
    while (at < this.durable.length && !mustBeThere(this.durable[at] as FrameRecord)) at++;
    return this.durable.length - at;
  }
}

function isWaiting({ acknowledgedAt, isGone }: FrameRecord): boolean {
  return acknowledgedAt < 0 && !isGone;
}

function mustBeThere(record: FrameRecord): boolean {
  return isWaiting(record) && countBits(record.ackedBy) < ENOUGH;
}

export function countBits(bits: number): number {
  let count = 0;
  for (; bits !== 0; bits &= bits - 1) count++;
  return count;
}
