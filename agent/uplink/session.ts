import type { Clock, Timer } from "../ports/clock.js";
import type { Link, LinkHandler } from "../ports/link.js";
import type { Random } from "../ports/random.js";
import { type BackoffConfig, backoffDelay } from "./backoff.js";

export interface SessionConfig {
  /** Milliseconds without an answer that is due. */
  readonly timeout: number;
  readonly backoff: BackoffConfig;
}

/** Whoever has sessions. `session`: the number that it gave this one. */
export interface SessionOwner {
  sessionOpened(session: number): void;
  sessionAcknowledged(session: number, id: number): void;
  sessionClosed(session: number, reason: string, wasOpen: boolean): void;
}

type State = "stopped" | "waiting" | "opening" | "open";

/**
 * Keeps one broker's session: opens it, watches that answers come, and after its end opens it anew, later each
 * time. Only an acknowledgement makes the waiting short again: a broker that takes connections and nothing else
 * is not well.
 *
 * A class, like all of which a board has several or many methods: on XS a method of a class lies in flash, while a
 * function made in a function costs RAM each time.
 */
export class Session implements LinkHandler {
  readonly #number: number;
  readonly #link: Link;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #config: SessionConfig;
  readonly #owner: SessionOwner;
  #state: State = "stopped";
  #attempt = 0;
  #owed = 0;
  #waitingSince = 0;
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

  get isOpen(): boolean {
    return this.#state === "open";
  }

  start(): void {
    if (this.#state === "stopped") this.open();
  }

  stop(): void {
    this.disarm();
    if (this.#state === "opening" || this.#state === "open") this.#link.close();
    this.#state = "stopped";
  }

  publish(id: number, topic: string, frame: Uint8Array): void {
    if (this.#owed++ === 0) {
      this.#waitingSince = this.#clock.uptime();
      this.arm(this.#config.timeout);
    }
    this.#link.publish(id, topic, frame);
  }

  opened(): void {
    this.#state = "open";
    this.disarm();
    this.#owner.sessionOpened(this.#number);
  }

  acknowledged(id: number, kept: boolean): void {
    // The rest of the window has the same fate, so the session is as good as over.
    if (!kept) {
      this.giveUp("no subscriber");
      return;
    }
    this.#attempt = 0;
    this.#waitingSince = this.#clock.uptime();
    if (--this.#owed === 0) this.disarm();
    this.#owner.sessionAcknowledged(this.#number, id);
  }

  closed(reason: string): void {
    const wasOpen = this.#state === "open";
    this.#state = "waiting";
    this.arm(backoffDelay(this.#config.backoff, this.#attempt++, this.#random));
    this.#owner.sessionClosed(this.#number, reason, wasOpen);
  }

  private open(): void {
    this.#state = "opening";
    this.#owed = 0;
    this.arm(this.#config.timeout);
    this.#link.open(this);
  }

  private giveUp(reason: string): void {
    this.#link.close();
    this.closed(reason);
  }

  /** What the timer stands for depends on the state. */
  private act(): void {
    this.#timer = undefined;
    if (this.#state === "waiting") this.open();
    else if (this.#state === "opening") this.giveUp("no answer to the connection");
    else if (this.#state === "open") this.watch();
  }

  private watch(): void {
    const left = this.#config.timeout - (this.#clock.uptime() - this.#waitingSince);
    if (left <= 0) this.giveUp("no acknowledgement");
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
