import type { Subscriber } from "../../network/ports/subscription.js";
import { type Broker, VERIFIER } from "./broker.js";
import type { Dice } from "./dice.js";
import { Connection, type End, type Packet, packet } from "./network.js";
import type { Route } from "./route.js";
import type { Appointment, Scheduler } from "./time.js";

/** Milliseconds: from the end of a connection to the next, up to twice as many; for a connection to come about; between two pings. */
const RECONNECT = 2000;
const CONNECT_TIMEOUT = 15_000;
const PING = 15_000;
/** Pings without an answer after which the broker is given up. */
const MISSED = 2;

/** The verifier's session with one broker: comes back for ever, acknowledges what `take` says was kept. */
export class Subscription implements End, Subscriber {
  readonly #scheduler: Scheduler;
  readonly #dice: Dice;
  readonly #broker: Broker;
  readonly #route: Route;
  readonly #take: (frame: Uint8Array, topic: string) => boolean;
  #connection: Connection | undefined;
  #timer: Appointment | undefined;
  #missed = 0;

  constructor(
    scheduler: Scheduler,
    dice: Dice,
    broker: Broker,
    route: Route,
    take: (frame: Uint8Array, topic: string) => boolean,
  ) {
    this.#scheduler = scheduler;
    this.#dice = dice;
    this.#broker = broker;
    this.#route = route;
    this.#take = take;
  }

  get broker(): string {
    return this.#broker.name;
  }

  get subscribed(): boolean {
    return this.#connection !== undefined;
  }

  async close(): Promise<void> {
    this.stop();
  }

  start(): void {
    this.#connection = new Connection(this.#scheduler, this.#dice, this.#route, this);
    this.#broker.accept(this.#connection);
    this.#connection.up.send(packet("connect", 60, { text: VERIFIER }));
    this.#wait(CONNECT_TIMEOUT, () => this.#comeBack());
  }

  /** For good; the broker hears of it as of any process that ended. */
  stop(): void {
    this.#connection?.closeBy("client", "ended");
    this.#connection = undefined;
    this.#disarm();
  }

  received(item: Packet): void {
    this.#missed = 0;
    switch (item.type) {
      case "connack":
        this.#connection?.up.send(packet("subscribe", 50));
        break;
      case "suback":
        this.#wait(PING, () => this.#ping());
        break;
      case "publish":
        if (item.payload === undefined) break;
        if (this.#take(item.payload, item.text ?? "")) this.acknowledge(item.id);
        else this.#comeBack(); // the broker gives it again, and what came after it
        break;
      default:
    }
  }

  acknowledge(id: number): void {
    this.#connection?.up.send(packet("puback", 4, { id }));
  }

  /** A witness's word. Nobody waits for the broker's answer: what is lost is said again when its frames come again. */
  publish(topic: string, payload: Uint8Array): void {
    this.#connection?.up.send(packet("publish", payload.length + 48, { payload, text: topic }));
  }

  closed(): void {
    this.#connection = undefined;
    this.#wait(this.#dice.between(RECONNECT, 2 * RECONNECT), () => this.start());
  }

  #ping(): void {
    if (++this.#missed > MISSED) {
      this.#comeBack();
      return;
    }
    this.#connection?.up.send(packet("pingreq", 2));
    this.#wait(PING, () => this.#ping());
  }

  #comeBack(): void {
    this.#connection?.closeBy("client", "no answer");
    this.closed();
  }

  #wait(delay: number, then: () => void): void {
    this.#disarm();
    this.#timer = this.#scheduler.after(delay, then);
  }

  #disarm(): void {
    if (this.#timer !== undefined) this.#scheduler.cancel(this.#timer);
    this.#timer = undefined;
  }
}
