import type { Position } from "../frame/chain.js";
import type { Outbox } from "../outbox/outbox.js";
import type { Clock } from "../ports/clock.js";
import type { Link } from "../ports/link.js";
import type { Random } from "../ports/random.js";
import type { BackoffConfig } from "./backoff.js";
import { createSession, type Session } from "./session.js";

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
  const { links, outbox, topic, preference, clock, random, config, handler } = init;
  if (links.length > MAX_LINKS) throw new RangeError(`at most ${MAX_LINKS} brokers, not ${links.length}`);
  const { window, copies } = config;
  // For the frames in the window, at id % window: which one it is, and the brokers (bits) that it was sent to and
  // that acknowledged it, in sessions that still last.
  const idAt = new Float64Array(window).fill(-1);
  const sentTo = new Uint32Array(window);
  const ackedBy = new Uint32Array(window);
  const sessions: Session[] = [];
  for (let i = 0; i < links.length; i++) {
    const bit = 1 << i;
    const link = links[(i + preference) % links.length] as Link;
    sessions.push(
      createSession(link, clock, random, config, {
        opened() {
          handler.opened(link.name);
          pump();
        },
        acknowledged(id) {
          const at = id % window;
          if (idAt[at] !== id) return;
          ackedBy[at] = (ackedBy[at] as number) | bit;
          pump();
        },
        closed(reason, wasOpen) {
          for (let at = 0; at < window; at++) {
            sentTo[at] = (sentTo[at] as number) & ~bit;
            ackedBy[at] = (ackedBy[at] as number) & ~bit;
          }
          handler.closed(link.name, reason, wasOpen);
          pump();
        },
      }),
    );
  }

  function pump(): void {
    let open = 0;
    for (const session of sessions) if (session.isOpen) open++;
    const wanted = Math.min(copies, open);
    if (wanted === 0) return;
    // Frames that leave let others into the window.
    for (let id = outbox.first; id < Math.min(outbox.next, outbox.first + window); id++) {
      const frame = outbox.get(id);
      if (frame === undefined) continue;
      const at = id % window;
      if (idAt[at] !== id) {
        idAt[at] = id;
        sentTo[at] = 0;
        ackedBy[at] = 0;
      }
      send(id, at, frame, wanted);
      if (countBits(ackedBy[at] as number) >= wanted) {
        const { boot, sequence } = outbox.position(id) as Position;
        outbox.acknowledge(id);
        handler.acknowledged({ boot, sequence });
      }
    }
  }

  function send(id: number, at: number, frame: Uint8Array, wanted: number): void {
    let sent = sentTo[at] as number;
    let missing = wanted - countBits(sent);
    for (let i = 0; missing > 0 && i < sessions.length; i++) {
      const session = sessions[i] as Session;
      if (!session.isOpen || (sent & (1 << i)) !== 0) continue;
      session.publish(id, topic, frame);
      sent |= 1 << i;
      missing--;
    }
    sentTo[at] = sent;
  }

  return {
    start() {
      for (const session of sessions) session.start();
    },
    pump,
    stop() {
      for (const session of sessions) session.stop();
    },
  };
}

function countBits(bits: number): number {
  let count = 0;
  for (; bits !== 0; bits &= bits - 1) count++;
  return count;
}
