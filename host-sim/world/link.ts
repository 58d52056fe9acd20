import type { Link, LinkHandler } from "../../agent/ports/link.js";
import { FIRST_OTHER_ID } from "../../agent/uplink/session.js";
import type { Broker } from "./broker.js";
import type { Dice } from "./dice.js";
import type { Life } from "./life.js";
import { Connection, type End, type Packet, packet } from "./network.js";
import type { Route } from "./route.js";
import type { Scheduler } from "./time.js";

/** What a board's link is told of by the world, and tells it. */
export interface LinkInit {
  readonly client: string;
  readonly broker: Broker;
  readonly route: Route;
  readonly scheduler: Scheduler;
  readonly dice: Dice;
  readonly life: Life;
  readonly opening: () => void;
  readonly sent: (id: number, payload: Uint8Array, retain: boolean) => void;
  readonly acked: (id: number, kept: boolean) => void;
  /** What it subscribes to, and who hears what comes; left out: nothing. */
  readonly inbox?: { readonly topic: string; readonly received: (payload: Uint8Array) => void } | undefined;
}

/** Bytes of a PUBLISH but for topic and payload: head, two lengths, id. */
const PUBLISH_OVERHEAD = 7;

/** A board's session with one broker. */
export class VirtualLink implements Link, End {
  readonly name: string;
  readonly #init: LinkInit;
  #connection: Connection | undefined;
  #handler: LinkHandler | undefined;
  /** Publications without an answer. */
  inFlight = 0;
  /** Frames among them: what else is published nobody has to get, and nothing waits for it. */
  #frames = 0;
  /** The broker took the session. */
  isOpen = false;
  /**
   * Milliseconds of the run from which on an answer is due, to a connection or to frames: since the first of them was asked for, or since the
   * last answer. Nothing is due: -1.
   */
  dueSince = -1;
  #over: (() => void)[] = [];

  constructor(init: LinkInit) {
    this.name = init.broker.name;
    this.#init = init;
  }

  get isConnected(): boolean {
    return this.#connection !== undefined;
  }

  /** Calls back once, when the board knows that this connection is over. */
  whenOver(tell: () => void): void {
    this.#over.push(tell);
  }

  open(handler: LinkHandler): void {
    const { scheduler, dice, route, broker, client, life, opening } = this.#init;
    if (!life.isOn) return;
    opening();
    this.#handler = handler;
    this.inFlight = 0;
    this.#frames = 0;
    this.dueSince = scheduler.now;
    this.#connection = new Connection(scheduler, dice, route, this);
    broker.accept(this.#connection);
    this.#connection.up.send(packet("connect", 80, { text: client }));
  }

  publish(id: number, topic: string, payload: Uint8Array, retain = false): void {
    const { life, sent } = this.#init;
    if (!life.isOn || this.#connection === undefined) return;
    this.inFlight++;
    if (id < FIRST_OTHER_ID && this.#frames++ === 0) this.dueSince = this.#init.scheduler.now;
    const copy = Uint8Array.from(payload); // a slice of a Buffer would be none
    sent(id, copy, retain);
    const bytes = PUBLISH_OVERHEAD + topic.length + copy.length;
    this.#connection.up.send(packet("publish", bytes, { id, payload: copy, text: topic, flag: retain }));
  }

  close(): void {
    this.#connection?.closeBy("client", "closed by the client");
    this.#forget();
  }

  /** The board has no power any more. */
  silence(): void {
    this.#connection?.silence("client");
    this.#forget();
  }

  received({ type, id, flag, text, payload }: Packet): void {
    const handler = this.#handler;
    if (handler === undefined) return;
    if (type === "connack") {
      this.isOpen = true;
      this.dueSince = -1;
      const { inbox } = this.#init;
      if (inbox !== undefined) this.#connection?.up.send(packet("subscribe", 50, { text: inbox.topic }));
      this.#init.life.turn(() => handler.opened());
    }
    if (type === "publish" && payload !== undefined)
      this.#init.life.turn(() => this.#init.inbox?.received(payload));
    if (type !== "puback") return;
    this.inFlight--;
    if (id < FIRST_OTHER_ID) this.#frames--;
    this.dueSince = this.#frames === 0 ? -1 : this.#init.scheduler.now;
    this.#init.acked(id, flag);
    this.#init.life.turn(() => (flag ? handler.acknowledged(id) : handler.refused(id, text)));
  }

  closed(reason: string): void {
    const handler = this.#handler;
    this.#forget();
    if (handler !== undefined) this.#init.life.turn(() => handler.closed(reason));
  }

  #forget(): void {
    this.#connection = undefined;
    this.#handler = undefined;
    this.isOpen = false;
    this.dueSince = -1;
    for (const tell of this.#over.splice(0)) tell();
  }
}
