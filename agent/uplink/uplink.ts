import type { Position } from "../frame/chain.js";
import type { Outbox } from "../outbox/outbox.js";
import type { Clock } from "../ports/clock.js";
import type { Link } from "../ports/link.js";
import type { Random } from "../ports/random.js";
import type { BackoffConfig } from "./backoff.js";
import { Session, type SessionOwner } from "./session.js";

export interface UplinkConfig {
  /** Each frame goes to this many brokers, where so many are connected. */
  readonly copies: number;
  /** Frames on their way at the same time, counted from the oldest. */
  readonly window: number;
  /** A broker that acknowledges nothing for so long, though it owes something, is given up. Milliseconds. */
  readonly timeout: number;
  readonly backoff: BackoffConfig;
}

/** What an uplink is made of. */
export interface UplinkInit {
  readonly links: readonly Link[];
  readonly outbox: Outbox;
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
  /** The frame at this position left the outbox. */
  acknowledged(position: Position): void;
}

export interface Uplink {
  start(): void;
  /** There are new frames in the outbox. */
  pump(): void;
  stop(): void;
}

/** Brokers at the most: their sets are bit masks. */
const MAX_LINKS = 30;

/**
 * Brings the outbox's frames to the brokers, in the order of signing. Every frame goes to `copies` of them, or to all
 * that are connected where those are fewer, and leaves the outbox when each of them has acknowledged it. What a broker
 * was sent counts for nothing once its session ends, even what it acknowledged: a broker that died may have lost it.
 */
export function createUplink(init: UplinkInit): Uplink {
  return new BrokerUplink(init);
}

class BrokerUplink implements Uplink, SessionOwner {
  readonly #outbox: Outbox;
  readonly #topic: string;
  readonly #handler: UplinkHandler;
  readonly #copies: number;
  readonly #window: number;
  readonly #sessions: readonly Session[];
  // For the frames in the window, at id % window: which one it is, and the brokers (bits) that it was sent to and
  // that acknowledged it, in sessions that still last.
  readonly #idAt: Float64Array;
  readonly #sentTo: Uint32Array;
  readonly #ackedBy: Uint32Array;

  constructor({ links, outbox, topic, preference, clock, random, config, handler }: UplinkInit) {
    if (links.length > MAX_LINKS) throw new RangeError(`at most ${MAX_LINKS} brokers, not ${links.length}`);
    this.#outbox = outbox;
    this.#topic = topic;
    this.#handler = handler;
    this.#copies = config.copies;
    this.#window = config.window;
    this.#idAt = new Float64Array(config.window).fill(-1);
    this.#sentTo = new Uint32Array(config.window);
    this.#ackedBy = new Uint32Array(config.window);
    this.#sessions = links.map((_, index) => {
      const link = links[(index + preference) % links.length] as Link;
      return new Session(index, link, clock, random, config, this);
    });
  }

  start(): void {
    for (const session of this.#sessions) session.start();
  }

  stop(): void {
    for (const session of this.#sessions) session.stop();
  }

  pump(): void {
    let open = 0;
    for (const session of this.#sessions) if (session.isOpen) open++;
    const wanted = Math.min(this.#copies, open);
    if (wanted === 0) return;
    const outbox = this.#outbox;
    // Frames that leave let others into the window.
    for (let id = outbox.first; id < Math.min(outbox.next, outbox.first + this.#window); id++) {
      if (!outbox.has(id)) continue;
      const at = id % this.#window;
      if (this.#idAt[at] !== id) {
        this.#idAt[at] = id;
        this.#sentTo[at] = 0;
        this.#ackedBy[at] = 0;
      }
      this.#send(id, at, wanted);
      if (countBits(this.#ackedBy[at] as number) >= wanted) {
        const position = outbox.position(id) as Position;
        outbox.acknowledge(id);
        this.#handler.acknowledged(position);
      }
    }
  }

  sessionOpened(session: number): void {
    this.#handler.opened((this.#sessions[session] as Session).name);
    this.pump();
  }

  sessionAcknowledged(session: number, id: number): void {
    const at = id % this.#window;
    if (this.#idAt[at] !== id) return;
    this.#ackedBy[at] = (this.#ackedBy[at] as number) | (1 << session);
    this.pump();
  }

  sessionClosed(session: number, reason: string, wasOpen: boolean): void {
    const others = ~(1 << session);
    for (let at = 0; at < this.#window; at++) {
      this.#sentTo[at] = (this.#sentTo[at] as number) & others;
      this.#ackedBy[at] = (this.#ackedBy[at] as number) & others;
    }
    this.#handler.closed((this.#sessions[session] as Session).name, reason, wasOpen);
    this.pump();
  }

  #send(id: number, at: number, wanted: number): void {
    let sent = this.#sentTo[at] as number;
    let missing = wanted - countBits(sent);
    if (missing <= 0) return;
    const frame = this.#outbox.get(id) as Uint8Array;
    for (let i = 0; missing > 0 && i < this.#sessions.length; i++) {
      const session = this.#sessions[i] as Session;
      if (!session.isOpen || (sent & (1 << i)) !== 0) continue;
      session.publish(id, this.#topic, frame);
      sent |= 1 << i;
      missing--;
    }
    this.#sentTo[at] = sent;
  }
}

function countBits(bits: number): number {
  let count = 0;
  for (; bits !== 0; bits &= bits - 1) count++;
  return count;
}
