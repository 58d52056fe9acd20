import type { Position } from "../frame/chain.js";
import type { Journal } from "../journal/journal.js";
import { IdRanges } from "../journal/ranges.js";
import type { Backlog } from "../uplink/backlog.js";
import { Holdings } from "./holdings.js";

const { floor } = Math;

/** Milliseconds without a receipt for the oldest frame until all are sent again: at first, doubled each time, and at most. */
const FIRST_WAIT = 10 * 60_000;
const LONGEST_WAIT = 6 * 3_600_000;
/** Milliseconds, at least, from one time that all are sent again to the next that a new session brings about. */
const SESSION_PAUSE = 60_000;
/**
 * Ranges of frames that are to be sent, at most. What brokers acknowledge makes few: a frame goes to them from one of the two ends. Of more, a
 * frame is sent once more.
 */
const UNSENT_RANGES = 12;
/** Frames that leave in one turn, at most: each is read from the flash. */
const AT_ONCE = 16;

export interface LeavingHandler {
  /** The frame at this position left the journal. */
  acknowledged(position: Position): void;
}

/**
 * What the brokers lack of a journal whose frames stay until enough witnesses hold them. A frame that enough brokers have is not sent
 * again until a session opens, or no receipt has come for it for long: what a broker acknowledged may be lost with it.
 */
export class WitnessBacklog implements Backlog {
  readonly #journal: Journal;
  readonly #least: number;
  readonly #holdings: Holdings;
  readonly #handler: LeavingHandler;
  /** Ids that are to be sent, as far as they are in the journal; up to `#seen`, not included. */
  readonly #unsent = new IdRanges(UNSENT_RANGES);
  #seen = 0;
  /** Frames of the last receipt that were not looked at yet, up to `#to`, not included. */
  #from = 0;
  #to = 0;
  /** Uptime since which the oldest frame waits for a receipt; -1: it does not. */
  #since = -1;
  #wait = FIRST_WAIT;
  #sentAgain = -SESSION_PAUSE;
  /** A session has opened, and not all was sent again since. */
  #isOwed = false;

  /** `least`: of `witnesses`, so many must hold a frame. */
  constructor(journal: Journal, witnesses: number, least: number, handler: LeavingHandler) {
    this.#journal = journal;
    this.#least = least;
    this.#holdings = new Holdings(witnesses);
    this.#handler = handler;
  }

  get next(): number {
    return this.#journal.next;
  }

  get pending(): number {
    return this.unsent.count;
  }

  has(id: number): boolean {
    return this.unsent.has(id) && this.#journal.has(id);
  }

  atLeast(id: number): number {
    const { unsent } = this;
    for (let at = id; ; ) {
      const found = unsent.atLeast(at);
      if (found < 0) return -1;
      at = this.#journal.atLeast(found);
      if (at === found || at < 0) return at;
    }
  }

  atMost(id: number): number {
    const { unsent } = this;
    for (let at = id; ; ) {
      const found = unsent.atMost(at);
      if (found < 0) return -1;
      at = this.#journal.atMost(found);
      if (at === found || at < 0) return at;
    }
  }

  get(id: number): Uint8Array | undefined {
    return this.#journal.get(id);
  }

  /** It stays. */
  position(): undefined {}

  acknowledge(id: number): void {
    this.unsent.remove(id);
  }

  /** Whether a frame waits from `from` to `to`, both included, that the witness is not known to hold. */
  lacks(witness: number, from: Position, to: Position): boolean {
    this.find(from, to);
    return this.#from < this.#to && !this.#holdings.has(witness, this.#from, this.#to);
  }

  /** A witness has signed that it holds the frames from `from` to `to`. They leave by `release`. */
  hold(witness: number, from: Position, to: Position): void {
    this.find(from, to);
    if (this.#from < this.#to) this.#holdings.add(witness, this.#from, this.#to, this.#journal.first);
  }

  /** Lets some of the frames leave that the last receipt covered. Whether others are left to be looked at. */
  release(): boolean {
    const journal = this.#journal;
    const { first } = journal;
    let id = journal.atLeast(this.#from);
    for (let left = AT_ONCE; id >= 0 && id < this.#to && left > 0; left--) {
      if (this.#holdings.holders(id) >= this.#least) this.leave(id);
      id = journal.atLeast(id + 1);
    }
    this.#from = id < 0 ? this.#to : id;
    if (journal.first !== first) this.#since = -1;
    return this.#from < this.#to;
  }

  /** A session has opened. Whether frames are to be sent that were sent before. */
  opened(now: number): boolean {
    this.#isOwed = true;
    return this.look(now);
  }

  /** To be called once a minute, and when a session opens. Whether frames are to be sent that were sent before. */
  look(now: number): boolean {
    const { unsent } = this;
    const { first, pending } = this.#journal;
    unsent.removeBelow(first);
    if (unsent.count >= pending) this.#isOwed = false; // none waits for a receipt
    if (this.#isOwed && now - this.#sentAgain >= SESSION_PAUSE) {
      this.sendAgain(now);
      return true;
    }
    if (pending === 0) this.#since = -1;
    else if (!unsent.has(first)) return this.isOverdue(now);
    return false;
  }

  private isOverdue(now: number): boolean {
    if (this.#since < 0) {
      this.#since = now;
      this.#wait = FIRST_WAIT;
    }
    if (now - this.#since < this.#wait) return false;
    this.#wait = 2 * this.#wait < LONGEST_WAIT ? 2 * this.#wait : LONGEST_WAIT;
    this.#since = now;
    this.sendAgain(now);
    return true;
  }

  private sendAgain(now: number): void {
    const { unsent } = this;
    unsent.clear();
    unsent.append(this.#journal.first, this.#seen);
    this.#sentAgain = now;
    this.#isOwed = false;
  }

  private leave(id: number): void {
    const position = this.#journal.position(id);
    this.unsent.remove(id);
    this.#journal.acknowledge(id);
    if (position !== undefined) this.#handler.acknowledged(position);
  }

  /** With the frames that were signed since. */
  private get unsent(): IdRanges {
    const { next } = this.#journal;
    if (next !== this.#seen) {
      this.#unsent.append(Math.max(this.#seen, this.#journal.first), next);
      this.#seen = next;
    }
    return this.#unsent;
  }

  /** Finds the frames that wait from `from` to `to`: none where one of them, or beside them, has no position any more. */
  private find(from: Position, to: Position): void {
    const journal = this.#journal;
    const low = this.search(from.boot, from.sequence);
    const high = this.search(to.boot, to.sequence + 1);
    this.#from = low < 0 ? -1 : journal.atLeast(low);
    this.#to = this.#from < 0 ? -1 : journal.atMost(high - 1) + 1;
  }

  /** An id: frames that wait were signed at this position or later from there on, and none before. -1 where a position is not known. */
  private search(boot: number, sequence: number): number {
    const journal = this.#journal;
    let low = journal.first;
    let high = journal.next;
    while (low < high) {
      const middle = low + floor((high - low) / 2);
      const id = journal.atLeast(middle);
      if (id < 0 || id >= high) {
        high = middle;
        continue;
      }
      const found = journal.position(id);
      if (found === undefined) return -1;
      if (found.boot > boot || (found.boot === boot && found.sequence >= sequence)) high = middle;
      else low = id + 1;
    }
    return low;
  }
}
