// Longer than other files: what a window, a parking place and sessions do together is one class,
// since on XS one more object costs a board RAM.
import type { Position } from "../frame/chain.js";
import { TAKEN, UNDERWAY } from "../journal/journal.js";
import type { Clock } from "../ports/clock.js";
import type { Link } from "../ports/link.js";
import type { Random } from "../ports/random.js";
import type { Backlog } from "./backlog.js";
import type { BackoffConfig } from "./backoff.js";
import { Parking } from "./parking.js";
import { FIRST_OTHER_ID, NO_SUBSCRIBER, Session, type SessionOwner } from "./session.js";
import { countBits, Window } from "./window.js";

export interface UplinkConfig {
  /** Brokers that each frame goes to, where so many are connected; and brokers that a board is connected to. */
  readonly copies: number;
  /** Brokers that must have a frame before it leaves the journal; at most `copies`. */
  readonly acknowledgements: number;
  /** Frames on their way at the same time. */
  readonly window: number;
  /** A broker that acknowledges nothing for so long, though it owes something, is given up. Milliseconds. */
  readonly timeout: number;
  readonly backoff: BackoffConfig;
  /** Frames do not wait for the acknowledgement of a broker that has been away for so long. Milliseconds. */
  readonly absent: number;
  /** Which frames of a backlog go first. New ones have every second turn in any case. */
  readonly order: "oldest" | "newest";
}

/** What an uplink is made of. */
export interface UplinkInit {
  readonly links: readonly Link[];
  readonly journal: Backlog;
  /** MQTT topic of this board's frames. */
  readonly topic: string;
  /** Which link this board turns to first, so that a fleet spreads over its brokers. */
  readonly preference: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly config: UplinkConfig;
  readonly handler: UplinkHandler;
}

export interface UplinkHandler {
  opened(link: string): void;
  /** A session ended, or (`wasOpen` false) none came about. */
  closed(link: string, reason: string, wasOpen: boolean): void;
  /** The frame at this position left the journal. */
  acknowledged(position: Position): void;
  /** A broker of the beginning has a frame, or would if somebody listened there; others may lack it. */
  taken(): void;
  /** A broker has what was given to `publish` under that id. */
  published(id: number): void;
}

/** How one broker takes the board. */
export interface BrokerReport {
  readonly name: string;
  /** BROKER_AWAY, BROKER_OPEN or BROKER_TAKES (session.ts). */
  readonly standing: number;
  /** Why the last session ended, or did not come about; empty where a frame was acknowledged since, or nothing was tried yet. */
  readonly reason: string;
}

export interface Uplink {
  /** Names of the brokers that are connected. */
  readonly brokers: readonly string[];
  /** Of the brokers of the beginning; of all, where there were none. Made when it is asked for. */
  readonly reports: readonly BrokerReport[];
  /** Brokers that it wants to be connected to. */
  readonly copies: number;
  /** Who has a frame: TAKEN, UNDERWAY (journal.ts), or 0 for nobody. */
  holds(id: number): number;
  start(): void;
  /**
   * Another broker, found later than those of the beginning. Nobody vouches for it: what it acknowledges lets no frame go unless one of the
   * others has it too, where there are others. Past `MAX_LINKS` it is left alone.
   */
  add(link: Link): void;
  /** There are new frames in the journal. */
  pump(): void;
  /** Frames of the journal are to be sent that were sent before: none counts as parked. */
  unpark(): void;
  /**
   * Publishes to all connected brokers, and waits for nobody. `id`: FIRST_OTHER_ID or more; STATUS_ID's acknowledgement is not told. Returns to how
   * many it went.
   */
  publish(id: number, topic: string, payload: Uint8Array, retain: boolean): number;
  /** Ends all sessions, for good: `start` does nothing after it. */
  stop(): void;
}

/** Brokers at the most: their sets are bit masks. */
export const MAX_LINKS = 30;

/** A broker is slow that takes this many times as long to acknowledge as the fastest does … */
const SLOW_TIMES = 8;
/** … and longer than this, in milliseconds. */
const SLOW = 1000;

/**
 * Brings the journal's frames to the brokers. A board is connected to `copies` of them: those that it prefers, and others while
 * those fail or are slow. Every frame goes to all that are connected, and leaves the journal when `acknowledgements` of them
 * have it. Until then it is parked as soon as all that are connected have it, so that others can go. What a broker was sent counts for
 * nothing once its session breaks, even what it acknowledged: a broker that died may have lost it.
 */
export function createUplink(init: UplinkInit): Uplink {
  return new BrokerUplink(init);
}

export class BrokerUplink implements Uplink, SessionOwner {
  readonly #journal: Backlog;
  readonly #topic: string;
  readonly #handler: UplinkHandler;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #config: UplinkConfig;
  /** In the order in which this board prefers them; those that were added later come last. */
  readonly #sessions: Session[];
  /** Brokers (bits) of which one must have a frame before it leaves: those of the beginning. All, where there were none. */
  readonly #trusted: number;
  readonly #window: Window;
  readonly #parking = new Parking();
  #stage: "new" | "started" | "stopped" = "new";
  #open = 0;
  /** Whose turn it is, of the two ends of a backlog. */
  #isNewest = false;

  constructor({ links, journal, topic, preference, clock, random, config, handler }: UplinkInit) {
    if (links.length > MAX_LINKS) throw new RangeError(`at most ${MAX_LINKS} brokers, not ${links.length}`);
    this.#journal = journal;
    this.#topic = topic;
    this.#handler = handler;
    this.#clock = clock;
    this.#random = random;
    this.#config = config;
    this.#window = new Window(config.window);
    this.#trusted = links.length === 0 ? -1 : 2 ** links.length - 1;
    this.#sessions = links.map((_, index) =>
      this.session(index, links[(index + preference) % links.length] as Link),
    );
  }

  get brokers(): readonly string[] {
    return this.#sessions.filter(({ isOpen }) => isOpen).map(({ name }) => name);
  }

  get reports(): readonly BrokerReport[] {
    return this.#sessions
      .filter((_, index) => (this.#trusted & (1 << index)) !== 0)
      .map(({ name, standing, reason }) => ({ name, standing, reason }));
  }

  get copies(): number {
    return this.#config.copies;
  }

  holds(id: number): number {
    const place = this.#window.find(id);
    const by = place >= 0 ? this.#window.ackedBy(place) : this.#parking.has(id) ? this.#parking.by : 0;
    if ((by & this.#trusted) !== 0) return TAKEN;
    return place >= 0 && this.#window.sentTo(place) !== 0 ? UNDERWAY : 0;
  }

  get isServed(): boolean {
    return this.#open > 1;
  }

  start(): void {
    if (this.#stage !== "new") return;
    this.#stage = "started";
    for (const session of this.#sessions) session.start();
    this.connect();
  }

  add(link: Link): void {
    const sessions = this.#sessions;
    if (sessions.length === MAX_LINKS || sessions.some(({ name }) => name === link.name)) return;
    const session = this.session(sessions.length, link);
    sessions.push(session);
    if (this.#stage !== "started") return;
    session.start();
    this.connect();
  }

  stop(): void {
    this.#stage = "stopped";
    this.#open = 0;
    for (let i = 0; i < this.#sessions.length; i++) {
      (this.#sessions[i] as Session).stop();
      this.forget(i);
    }
  }

  pump(): void {
    if (this.#open === 0) return;
    const window = this.#window;
    const parking = this.#parking;
    if (parking.by !== 0) this.release();
    // One that is parked may let the one beside it be parked.
    for (let isMoving = true; isMoving; ) {
      isMoving = false;
      for (let place = 0; place < window.size; place++) {
        if (window.id(place) < 0) continue;
        this.send(place);
        if (this.settle(place)) isMoving = true;
      }
    }
    // Not `find`, which a full window would search for each frame.
    for (let place = 0; place < window.size; place++) {
      if (window.id(place) >= 0) continue;
      const id = this.pick();
      if (id < 0) return;
      window.put(place, id, parking.has(id) ? parking.by : 0, this.#clock.uptime());
      this.send(place);
    }
  }

  unpark(): void {
    this.#parking.forget(-1);
  }

  publish(id: number, topic: string, payload: Uint8Array, retain: boolean): number {
    let count = 0;
    for (const session of this.#sessions)
      if (session.isOpen) {
        session.publish(id, topic, payload, retain);
        count++;
      }
    return count;
  }

  sessionReady(): void {
    this.connect();
  }

  sessionOpened(session: number): void {
    this.#open++;
    this.#handler.opened((this.#sessions[session] as Session).name);
    this.connect();
    this.pump();
  }

  sessionProven(): void {
    this.connect();
  }

  sessionAcknowledged(session: number, id: number): void {
    if (this.isSlow(this.#sessions[session] as Session)) this.connect();
    if (id >= FIRST_OTHER_ID) {
      this.#handler.published(id);
      return;
    }
    const place = this.#window.find(id);
    if (place < 0) return;
    this.#window.acked(place, session, this.#clock.uptime());
    if (this.isTrusted(session)) this.#handler.taken();
    if (this.settle(place) && this.#journal.pending > 0) this.pump();
  }

  sessionClosed(session: number, reason: string, wasOpen: boolean, isLost: boolean): void {
    if (isLost) this.forget(session);
    if (reason === NO_SUBSCRIBER && this.isTrusted(session)) this.#handler.taken();
    if (wasOpen) this.#open--;
    this.#handler.closed((this.#sessions[session] as Session).name, reason, wasOpen);
    this.connect();
    this.pump();
  }

  private isTrusted(session: number): boolean {
    return (this.#trusted & (1 << session)) !== 0;
  }

  private session(number: number, link: Link): Session {
    return new Session(number, link, this.#clock, this.#random, this.#config, this);
  }

  /** Opens sessions with the brokers that are preferred, and with others in their stead; ends those that are no longer needed. */
  private connect(): void {
    if (this.#stage !== "started") return;
    const { copies } = this.#config;
    const sessions = this.#sessions;
    let preferred = 0;
    let open = 0;
    let opening = 0;
    // First those that are well, then those that are slow.
    for (let slow = 0; slow < 2; slow++)
      for (let i = 0; i < sessions.length; i++) {
        const session = sessions[i] as Session;
        if (this.isSlow(session) !== (slow === 1)) continue;
        const isPreferred = preferred++ < copies;
        if (session.isReady && (isPreferred || open + opening < copies)) session.open();
        // One that is in doubt takes nobody's place until it has acknowledged something.
        if (session.isOpen && session.doubtedSince < 0) open++;
        else if (session.isWanted && session.failures === 0) opening++;
        if (session.isOpen && open > copies) session.leave();
      }
  }

  private isSlow(session: Session): boolean {
    if (session.latency <= SLOW) return false;
    let best = session.latency;
    for (const other of this.#sessions)
      if (other.isOpen && other.latency > 0 && other.latency < best) best = other.latency;
    return session.latency > SLOW_TIMES * best;
  }

  /** Brokers that must have a frame before it leaves which one has had since `since`. */
  private needed(since: number, now: number): number {
    const { acknowledgements, absent } = this.#config;
    if (now - since >= absent) return 1;
    let there = 0;
    for (const session of this.#sessions) if (session.isThere(now, absent)) there++;
    return there === 0 ? 1 : there < acknowledgements ? there : acknowledgements;
  }

  /**
   * The frame that goes next, or -1: from the backlog's two ends in turn, or from the newest end always. What was signed after frames
   * that are parked goes in the order of signing.
   */
  private pick(): number {
    const parking = this.#parking;
    const { by, below, from, to } = parking;
    // A broker is there that lacks what is parked.
    const isDue = by !== 0 && this.lacking(by) >= 0;
    this.#isNewest = this.#config.order === "newest" || !this.#isNewest;
    if (!this.#isNewest) {
      const id = this.above(isDue ? 0 : below);
      return isDue || !parking.has(id) ? id : this.above(to);
    }
    let id = this.above(to);
    if (id < 0) id = this.below(from - 1);
    if (id >= below) return id;
    return isDue ? this.below(this.#journal.next) : -1;
  }

  /** The lowest id from `id` on that is pending and not in the window, or -1. */
  private above(id: number): number {
    let found = this.#journal.atLeast(id);
    while (found >= 0 && this.#window.find(found) >= 0) found = this.#journal.atLeast(found + 1);
    return found;
  }

  /** The highest such id up to `id`, or -1. */
  private below(id: number): number {
    let found = this.#journal.atMost(id);
    while (found >= 0 && this.#window.find(found) >= 0) found = this.#journal.atMost(found - 1);
    return found;
  }

  /** Lets parked frames leave where their brokers are enough by now, as many as the window has places; what is left, the next time. */
  private release(): void {
    const parking = this.#parking;
    for (let left = this.#window.size; left > 0; left--) {
      let id = this.above(0);
      if (!parking.has(id)) id = this.above(parking.from);
      if (!parking.has(id)) {
        parking.forget(-1); // none is
        return;
      }
      if (!this.isEnough(parking.by) && !this.isOverdue(parking)) return;
      this.leave(id);
    }
  }

  /** Whether a frame may leave that these brokers have; `since`: when the first of them got it, where that is known. */
  private isEnough(brokers: number, since?: number): boolean {
    if ((brokers & this.#trusted) === 0) return false;
    const count = countBits(brokers);
    if (count >= this.#config.acknowledgements) return true;
    const now = this.#clock.uptime();
    return count >= this.needed(since ?? now, now);
  }

  /** Whether parked frames have waited for long enough for brokers that do not come, one after the other. */
  private isOverdue({ by, since }: Parking): boolean {
    if ((by & this.#trusted) === 0 || this.#clock.uptime() - since < this.#config.absent) return false;
    const lacks = this.lacking(by);
    return lacks < 0 || (this.#sessions[lacks] as Session).doubtedSince >= 0;
  }

  /** A connected broker that a frame has to go to beside these, or -1. Without one that is trusted, to a trusted one in any case. */
  private lacking(brokers: number): number {
    const sessions = this.#sessions;
    const isMissing = countBits(brokers) < this.#config.copies;
    const wanted = isMissing ? -1 : (brokers & this.#trusted) === 0 ? this.#trusted : 0;
    if (wanted === 0) return -1;
    for (let i = 0; i < sessions.length; i++)
      if ((wanted & ~brokers & (1 << i)) !== 0 && (sessions[i] as Session).hasRoom(this.#window.size))
        return i;
    return -1;
  }

  /** Lets a frame leave that enough brokers have, and parks one that all who are there have; says whether its place is free. */
  private settle(place: number): boolean {
    const window = this.#window;
    const journal = this.#journal;
    const id = window.id(place);
    if (id < 0) return false;
    const ackedBy = window.ackedBy(place);
    const isGone = (ackedBy & this.#trusted) !== 0 && !journal.has(id);
    if (isGone || this.isEnough(ackedBy, window.since(place))) {
      window.free(place);
      this.leave(id);
      return true;
    }
    if (ackedBy === 0 || ackedBy !== window.sentTo(place)) return false;
    if (journal.has(id) && !this.#parking.park(journal, id, ackedBy, this.#clock.uptime())) return false;
    window.free(place);
    return true;
  }

  private leave(id: number): void {
    const position = this.#journal.position(id);
    this.#journal.acknowledge(id);
    if (position !== undefined) this.#handler.acknowledged(position);
  }

  private send(place: number): void {
    const window = this.#window;
    const id = window.id(place);
    let sentTo = window.sentTo(place);
    for (let to = this.lacking(sentTo); to >= 0; to = this.lacking(sentTo)) {
      const frame = this.#journal.get(id);
      if (frame === undefined) {
        window.free(place);
        return;
      }
      (this.#sessions[to] as Session).publish(id, this.#topic, frame, false);
      sentTo |= 1 << to;
    }
    window.sent(place, sentTo);
  }

  /** What a broker was sent counts for nothing. */
  private forget(broker: number): void {
    this.#window.forget(broker);
    this.#parking.forget(1 << broker);
  }
}
