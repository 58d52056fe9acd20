import type { Clock } from "../../agent/ports/clock.js";
import type { Link, LinkHandler } from "../../agent/ports/link.js";
import { NO_SUBSCRIBER } from "../../agent/uplink/session.js";

export type Subscriber = (payload: Uint8Array, topic: string) => void;

/**
 * A broker in memory, for tests and for fleets too large for sockets. Delivers to its subscribers, then
 * acknowledges, each `latency` milliseconds after the publication. The knobs may be turned at any time.
 */
export class MemoryBroker {
  /** Milliseconds from a call to its answer. */
  latency = 0;
  /** Takes connections and publications and answers nothing, like a stopped process. */
  frozen = false;
  /** Passes frames on, but the acknowledgement is lost. */
  mute = false;
  /** Why it takes no frame; empty: it does. */
  refusal = "";
  /** Keeps what is to be retained. Off, it only acknowledges it: for fleets whose statuses nobody reads. */
  keepsRetained = true;
  /** Publications delivered. */
  delivered = 0;
  /** Retained messages, by topic. Subscribers, who want frames, do not get them. */
  readonly retained = new Map<string, Uint8Array>();
  #up = true;
  readonly #subscribers = new Set<Subscriber>();
  readonly #sessions = new Set<MemoryLink>();

  constructor(
    readonly name: string,
    readonly clock: Clock,
  ) {}

  link(): Link {
    return new MemoryLink(this);
  }

  subscribe(subscriber: Subscriber): () => void {
    this.#subscribers.add(subscriber);
    return () => this.#subscribers.delete(subscriber);
  }

  /** Ends all sessions at once and refuses new ones; what was not delivered is lost. */
  kill(): void {
    this.#up = false;
    for (const session of [...this.#sessions]) session.drop("killed");
  }

  restart(): void {
    this.#up = true;
    this.frozen = false;
  }

  /** @internal */
  attach(link: MemoryLink): void {
    this.#sessions.add(link);
    this.#later(link, () => {
      if (this.#up) link.handler?.opened();
      else link.drop("connection refused");
    });
  }

  /** @internal */
  detach(link: MemoryLink): void {
    this.#sessions.delete(link);
  }

  /** @internal */
  accept(link: MemoryLink, id: number, topic: string, payload: Uint8Array, retain: boolean): void {
    this.#later(link, () => {
      if (retain) {
        if (this.keepsRetained) this.retained.set(topic, payload);
        link.handler?.acknowledged(id);
        return;
      }
      const kept = this.#subscribers.size > 0;
      if (this.refusal === "") {
        for (const subscriber of this.#subscribers) subscriber(payload, topic);
        this.delivered++;
      }
      if (this.mute) return;
      if (this.refusal !== "") link.handler?.refused(id, this.refusal);
      else if (kept) link.handler?.acknowledged(id);
      else link.handler?.refused(id, NO_SUBSCRIBER);
    });
  }

  /** Unless the session is over by then, even where the link has another. */
  #later(link: MemoryLink, action: () => void): void {
    const { session } = link;
    this.clock.setTimer(() => {
      if (link.handler !== undefined && link.session === session && !this.frozen) action();
    }, this.latency);
  }
}

class MemoryLink implements Link {
  handler: LinkHandler | undefined;
  /** Counts the sessions. */
  session = 0;

  constructor(readonly broker: MemoryBroker) {}

  get name(): string {
    return this.broker.name;
  }

  open(handler: LinkHandler): void {
    this.handler = handler;
    this.session++;
    this.broker.attach(this);
  }

  publish(id: number, topic: string, payload: Uint8Array, retain: boolean): void {
    // A copy, which a Buffer's `slice` is none: it would hold all that came in with the payload.
    this.broker.accept(this, id, topic, new Uint8Array(payload), retain);
  }

  close(): void {
    this.handler = undefined;
    this.broker.detach(this);
  }

  drop(reason: string): void {
    const owner = this.handler;
    this.close();
    owner?.closed(reason);
  }
}
