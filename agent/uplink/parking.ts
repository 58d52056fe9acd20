import type { Backlog } from "./backlog.js";

/** Above all ids. */
const FAR = 2 ** 53;

/**
 * Frames that all brokers which are there have acknowledged, and that wait for one that is not: they need no place in the window,
 * and stay in the journal. They are those below `below`, and those from `from` to `to` (not included), but for what is in the window. All
 * others go out from these three edges, so that three numbers are enough whatever the backlog.
 */
export class Parking {
  // Declared only: on XS initialisers are a function more in each board's tables.
  /** Brokers (bits) that have acknowledged each of the frames; 0: none is parked. */
  declare by: number;
  /** Uptime since which some are. */
  declare since: number;
  declare below: number;
  declare from: number;
  declare to: number;

  constructor() {
    this.by = 0;
    this.since = 0;
    this.forget(0);
  }

  /** Whether the frame is parked, unless it is in the window. */
  has(id: number): boolean {
    return this.by !== 0 && id >= 0 && (id < this.below || (id >= this.from && id < this.to));
  }

  /**
   * Takes a frame of the journal. False where it is not next to one that is parked, or other brokers have it: it stays where it is. One is
   * always taken while none is parked.
   */
  park(journal: Backlog, id: number, brokers: number, now: number): boolean {
    if (this.by !== brokers && this.by !== 0) return false;
    if (this.by === 0) this.since = now;
    if (!this.has(id)) {
      if (journal.atLeast(this.below) === id) {
        this.below = id + 1;
        if (id >= this.from) {
          this.from = FAR; // nothing is left from there on
          this.to = FAR;
        }
      } else if (this.from === FAR) {
        this.from = id;
        this.to = id + 1;
      } else if (journal.atMost(this.from - 1) === id) this.from = id;
      else if (journal.atLeast(this.to) === id) this.to = id + 1;
      else return false;
    }
    this.by = brokers;
    return true;
  }

  /** What these brokers (bits) acknowledged counts for nothing: frames that no other has are parked no longer. */
  forget(brokers: number): void {
    this.by &= ~brokers;
    if (this.by !== 0) return;
    this.below = 0;
    this.from = FAR;
    this.to = FAR;
  }
}
