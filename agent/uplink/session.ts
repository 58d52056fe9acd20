import type { Clock, Timer } from "../ports/clock.js";
import type { Link, LinkHandler } from "../ports/link.js";
import type { Random } from "../ports/random.js";
import { type BackoffConfig, backoffDelay, spread } from "./backoff.js";

export interface SessionConfig {
  /** Milliseconds without an answer that is due. */
  readonly timeout: number;
  readonly backoff: BackoffConfig;
}

/** Ids from here on are of publications that are no frames: nobody has to get them. */
export const FIRST_OTHER_ID = 2 ** 32 - 256;
/** Id of a status. */
export const STATUS_ID = 2 ** 32 - 1;

/** What a link says of a publication that the broker took, and that nobody is subscribed to: nobody listens yet. */
export const NO_SUBSCRIBER = "no subscriber";
/** Characters of a reason that are kept, at most. */
const REASON = 80;

/** How a broker takes the board. */
export const BROKER_AWAY = 0;
/** There is a session; no frame of it has been acknowledged. */
export const BROKER_OPEN = 1;
/** It has acknowledged a frame in the session that lasts. */
export const BROKER_TAKES = 2;

/** Whoever has sessions. `session`: the number that it gave this one. */
export interface SessionOwner {
  /** Whether frames have another way while this broker is away. */
  readonly isServed: boolean;
  /** The broker may be tried again, if that is wanted. */
  sessionReady(session: number): void;
  sessionOpened(session: number): void;
  sessionAcknowledged(session: number, id: number): void;
  /** The broker acknowledges again what it is given. */
  sessionProven(session: number): void;
  /** `isLost`: what the broker had acknowledged may be lost with it. */
  sessionClosed(session: number, reason: string, wasOpen: boolean, isLost: boolean): void;
}

/** It has acknowledged a frame in the session that lasts. */
const TAKES = 1;
/** It ended a session in which it owed something, or refused a frame: opening another one proves nothing. */
const DEFAULTED = 2;

const OTHER = 1;
const FRAME = 2;

type State = "stopped" | "waiting" | "ready" | "opening" | "open" | "leaving";

/** Part of a new acknowledgement time in the mean of all. */
const NEW_SHARE = 1 / 8;

/**
 * Keeps one broker's session: opens it when told to, watches that answers come, and learns how the broker does. After a failure it
 * waits, longer each time. Only an acknowledgement makes the waiting short again: a broker that takes connections and nothing else
 * is not well.
 *
 * A class, like all of which a board has several or many methods: on XS a method of a class lies in flash, while a
 * function made in a function costs RAM each time.
 */
export class Session implements LinkHandler {
  /** Failures since the last acknowledgement. */
  failures = 0;
  /** Mean of the milliseconds that acknowledgements took in the last session, the latest ones most; 0 where there was none. */
  latency = 0;
  /** Uptime since which the broker is away, or owes an acknowledgement that did not come; -1 where neither is so. */
  doubtedSince = -1;
  /** Why the last session ended, or did not come about; empty once a frame was acknowledged after that. */
  reason = "";
  readonly #number: number;
  readonly #link: Link;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #config: SessionConfig;
  readonly #owner: SessionOwner;
  #state: State = "stopped";
  /** TAKES, DEFAULTED. */
  #marks = 0;
  /** FRAME for each frame without an answer, and OTHER where the latest publication that is none is without one. */
  #owed = 0;
  #waitingSince = 0;
  /** The publication whose acknowledgement is timed, or -1; and how many frames before it were without an answer, less those answered since. */
  #timed = -1;
  #timedSince = 0;
  #before = 0;
  #timer: Timer | undefined;
  readonly #timeIsUp = () => this.act();

  constructor(
    number: number,
    link: Link,
    clock: Clock,
    random: Random,
    config: SessionConfig,
    owner: SessionOwner,
  ) {
    this.#number = number;
    this.#link = link;
    this.#clock = clock;
    this.#random = random;
    this.#config = config;
    this.#owner = owner;
  }

  get name(): string {
    return this.#link.name;
  }

  /** Takes publications. */
  get isOpen(): boolean {
    return this.#state === "open";
  }

  /** Open, or about to be. */
  get isWanted(): boolean {
    return this.#state === "open" || this.#state === "opening";
  }

  get isReady(): boolean {
    return this.#state === "ready";
  }

  /** BROKER_AWAY, BROKER_OPEN or BROKER_TAKES. */
  get standing(): number {
    return !this.isOpen ? BROKER_AWAY : this.#marks & TAKES ? BROKER_TAKES : BROKER_OPEN;
  }

  /** Whether frames wait for its acknowledgement: those of a broker that gave none for `absent` milliseconds, though it should have, they do not. */
  isThere(now: number, absent: number): boolean {
    return this.doubtedSince < 0
      ? this.#owed === 0 || now - this.#waitingSince < absent
      : now - this.doubtedSince < absent;
  }

  /** Whether it may be sent one more frame. One in doubt gets no more than a window of them: they leave without it, and it would owe for ever more. */
  hasRoom(window: number): boolean {
    return this.isOpen && (this.doubtedSince < 0 || this.#owed >> 1 < window);
  }

  start(): void {
    if (this.#state !== "stopped") return;
    this.#state = "ready";
    this.doubtedSince = this.#clock.uptime();
  }

  stop(): void {
    this.disarm();
    if (this.#state === "opening" || this.#state === "open" || this.#state === "leaving") this.#link.close();
    this.#state = "stopped";
  }

  open(): void {
    this.#state = "opening";
    this.latency = 0; // it may be faster by now
    this.#owed = 0;
    this.#marks &= ~TAKES;
    this.#timed = -1;
    this.arm(this.#config.timeout);
    this.#link.open(this);
  }

  /** Ends the session as soon as nothing is owed any more: another broker does its work. */
  leave(): void {
    this.#state = "leaving";
    if (this.#owed === 0) this.left();
  }

  publish(id: number, topic: string, payload: Uint8Array, retain: boolean): void {
    if (this.#owed === 0) {
      this.#waitingSince = this.#clock.uptime();
      this.arm(this.#config.timeout);
    }
    if (this.#timed < 0) {
      this.#timed = id;
      this.#timedSince = this.#clock.uptime();
      this.#before = this.#owed >> 1;
    }
    if (id < FIRST_OTHER_ID) this.#owed += FRAME;
    else this.#owed |= OTHER;
    this.#link.publish(id, topic, payload, retain);
  }

  opened(): void {
    this.#state = "open";
    if ((this.#marks & DEFAULTED) === 0) this.doubtedSince = -1;
    this.disarm();
    this.#owner.sessionOpened(this.#number);
  }

  acknowledged(id: number): void {
    const now = this.#clock.uptime();
    // All that it was given first came before this one.
    const isLater = id === this.#timed && this.latency > 0;
    this.time(id, now);
    this.#waitingSince = now;
    this.#owed &= ~OTHER; // it came before this frame, or is answered here
    if (id >= FIRST_OTHER_ID) {
      this.#owner.sessionAcknowledged(this.#number, id);
      this.answered();
      return;
    }
    this.failures = 0;
    this.reason = "";
    this.#marks |= TAKES;
    this.#owed -= FRAME;
    // What it would not take it is given first.
    const isProven = this.doubtedSince >= 0 && (this.#owed === 0 || isLater);
    if (isProven) {
      this.doubtedSince = -1;
      this.#marks = TAKES;
    }
    this.#owner.sessionAcknowledged(this.#number, id);
    if (isProven) this.#owner.sessionProven(this.#number);
    this.answered();
  }

  refused(id: number, reason: string): void {
    if (id >= FIRST_OTHER_ID) {
      this.time(id, this.#clock.uptime());
      this.#owed &= ~OTHER;
      this.answered();
      return;
    }
    // The rest of the window has the same fate, so the session is as good as over.
    this.#marks = DEFAULTED;
    this.giveUp(reason);
  }

  closed(reason: string): void {
    const wasOpen = this.#state === "open" || this.#state === "leaving";
    if (this.#owed !== 0) this.#marks = DEFAULTED;
    if (this.doubtedSince < 0) this.doubtedSince = this.#timed < 0 ? this.#clock.uptime() : this.#timedSince;
    this.#state = "waiting";
    this.reason = reason.slice(0, REASON);
    const { backoff } = this.#config;
    const attempt = this.failures++;
    // While others do its work there is no hurry: a fleet that lost a broker together comes back one by one.
    const delay =
      wasOpen && this.#owner.isServed
        ? spread(backoff.min, backoff.max, this.#random)
        : backoffDelay(backoff, attempt, this.#random);
    this.arm(delay);
    this.#owner.sessionClosed(this.#number, reason, wasOpen, true);
  }

  /** Learns from an acknowledgement how long they take. */
  private time(id: number, now: number): void {
    if (id === this.#timed) {
      const took = now - this.#timedSince;
      this.latency = this.latency === 0 ? took || 1 : this.latency + (took - this.latency) * NEW_SHARE;
      this.#timed = -1;
    } else if (this.#timed >= FIRST_OTHER_ID)
      this.#timed = -1; // the broker passed it over: nobody has to get it
    else if (id < FIRST_OTHER_ID) this.#before--;
  }

  private answered(): void {
    if (this.#owed !== 0) return;
    this.disarm();
    if (this.#state === "leaving") this.left();
  }

  private giveUp(reason: string): void {
    this.#link.close();
    this.closed(reason);
  }

  private left(): void {
    this.disarm();
    this.#link.close();
    this.#state = "ready";
    this.#owner.sessionClosed(this.#number, "not needed", true, false);
  }

  /** What the timer stands for depends on the state. */
  private act(): void {
    this.#timer = undefined;
    if (this.#state === "waiting") {
      this.#state = "ready";
      this.#owner.sessionReady(this.#number);
    } else if (this.#state === "opening") this.giveUp("no answer to the connection");
    else if (this.#state === "open" || this.#state === "leaving") this.watch();
  }

  private watch(): void {
    const now = this.#clock.uptime();
    const { timeout } = this.#config;
    const left = timeout - (now - this.#waitingSince);
    // Brokers acknowledge in order (MQTT 3.1.1 §4.6), so one that has answered later frames passed this one over.
    const isPassedOver = this.#timed >= 0 && this.#before < 0 && now - this.#timedSince >= timeout;
    if (left <= 0 || isPassedOver) this.giveUp("no acknowledgement");
    else this.arm(left);
  }

  private arm(delay: number): void {
    this.disarm();
    this.#timer = this.#clock.setTimer(this.#timeIsUp, delay);
  }

  private disarm(): void {
    if (this.#timer !== undefined) this.#clock.clearTimer(this.#timer);
    this.#timer = undefined;
  }
}
