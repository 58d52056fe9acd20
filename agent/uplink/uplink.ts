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

/** Doubles that a frame in the window takes: its id, and two sets of brokers. */
const STRIDE = 3;
const SENT_TO = 1;
const ACKED_BY = 2;

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
  /** Brokers that each frame has to reach: as many as are connected, up to `copies`. */
  #wanted = 0;
  #open = 0;
  /**
   * The frames in the window, at id % window: which one it is, and the brokers (bits) that it was sent to and that
   * acknowledged it, in sessions that still last.
   */
  readonly #sent: Float64Array;

  constructor({ links, outbox, topic, preference, clock, random, config, handler }: UplinkInit) {
    if (links.length > MAX_LINKS) throw new RangeError(`at most ${MAX_LINKS} brokers, not ${links.length}`);
    this.#outbox = outbox;
    this.#topic = topic;
    this.#handler = handler;
    this.#copies = config.copies;
    this.#window = config.window;
    this.#sent = new Float64Array(STRIDE * config.window).fill(-1);
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
    if (this.#wanted === 0) return;
    const outbox = this.#outbox;
    const sent = this.#sent;
    // Frames that leave let others into the window.
    for (let id = outbox.first; id < outbox.next && id < outbox.first + this.#window; id++) {
      if (!outbox.has(id)) continue;
      const at = STRIDE * (id % this.#window);
      if (sent[at] !== id) {
        sent[at] = id;
        sent[at + SENT_TO] = 0;
        sent[at + ACKED_BY] = 0;
      }
      this.send(id, at);
      this.settle(id, at);
    }
  }

  sessionOpened(session: number): void {
    this.count(1);
    this.#handler.opened((this.#sessions[session] as Session).name);
    this.pump();
  }

  sessionAcknowledged(session: number, id: number): void {
    const at = STRIDE * (id % this.#window);
    const sent = this.#sent;
    if (sent[at] !== id) return;
    sent[at + ACKED_BY] = (sent[at + ACKED_BY] as number) | (1 << session);
    if (this.#outbox.has(id) && this.settle(id, at) && this.#outbox.pending > 0) this.pump();
  }

  sessionClosed(session: number, reason: string, wasOpen: boolean): void {
    const others = ~(1 << session);
    const sent = this.#sent;
    for (let at = 0; at < sent.length; at += STRIDE) {
      sent[at + SENT_TO] = (sent[at + SENT_TO] as number) & others;
      sent[at + ACKED_BY] = (sent[at + ACKED_BY] as number) & others;
    }
    if (wasOpen) this.count(-1);
    this.#handler.closed((this.#sessions[session] as Session).name, reason, wasOpen);
    this.pump();
  }

  private count(opened: number): void {
    this.#open += opened;
    this.#wanted = this.#open < this.#copies ? this.#open : this.#copies;
  }

  /** Lets a frame leave that enough brokers have; says whether it left. `at`: the frame's place in `#sent`. */
  private settle(id: number, at: number): boolean {
    if (countBits(this.#sent[at + ACKED_BY] as number) < this.#wanted) return false;
    const position = this.#outbox.position(id) as Position;
    this.#outbox.acknowledge(id);
    this.#handler.acknowledged(position);
    return true;
  }

  private send(id: number, at: number): void {
    const sessions = this.#sessions;
    let sentTo = this.#sent[at + SENT_TO] as number;
    let missing = this.#wanted - countBits(sentTo);
    if (missing <= 0) return;
    const frame = this.#outbox.get(id) as Uint8Array;
    for (let i = 0; missing > 0 && i < sessions.length; i++) {
      const session = sessions[i] as Session;
      if (!session.isOpen || (sentTo & (1 << i)) !== 0) continue;
      session.publish(id, this.#topic, frame);
      sentTo |= 1 << i;
      missing--;
    }
    this.#sent[at + SENT_TO] = sentTo;
  }
}

function countBits(bits: number): number {
  let count = 0;
  for (; bits !== 0; bits &= bits - 1) count++;
  return count;
}
