import type { Dice } from "./dice.js";
import type { Direction, Route, Toxic } from "./route.js";
import type { Scheduler } from "./time.js";

/** What goes over a connection: one MQTT packet. `bytes`: its length on the wire. */
export interface Packet {
  readonly type:
    | "connect"
    | "connack"
    | "publish"
    | "puback"
    | "subscribe"
    | "suback"
    | "pingreq"
    | "pingresp";
  readonly bytes: number;
  readonly id: number;
  readonly payload: Uint8Array | undefined;
  /** connect: the client's name. publish: the topic. puback: why the broker has it for nobody. */
  readonly text: string;
  /** puback: the broker has it for somebody. connack: it had the session. publish: to be retained. */
  readonly flag: boolean;
}

export function packet(
  type: Packet["type"],
  bytes: number,
  { id = 0, payload, text = "", flag = false }: Partial<Omit<Packet, "type" | "bytes">> = {},
): Packet {
  return { type, bytes, id, payload, text, flag };
}

/** One end of a connection gets what the other sent, in order, and at last that it is over. */
export interface End {
  received(packet: Packet): void;
  closed(reason: string): void;
}

/**
 * A TCP connection as both ends see it: what is sent arrives, in order and late, or the connection ends, and what was under way is gone
 * with it. Neither end knows which.
 */
export class Connection {
  readonly up: Pipe;
  readonly down: Pipe;
  readonly #route: Route;

  constructor(scheduler: Scheduler, dice: Dice, route: Route, client: End) {
    this.#route = route;
    this.up = new Pipe(scheduler, dice, route, "up", this);
    this.down = new Pipe(scheduler, dice, route, "down", this);
    this.down.reader = client;
    route.add(this);
    for (const toxic of route.toxics) this.infected(toxic);
  }

  /** Who waits at the other end; nothing was sent before. */
  set server(end: End) {
    this.up.reader = end;
  }

  /** A toxic is there from now on, or was there when the connection began. */
  infected({ kind, delay }: Toxic): void {
    if (kind !== "reset_peer" && kind !== "timeout") return;
    const reason = kind === "timeout" ? "timeout" : "reset by peer";
    this.up.scheduler.after(delay, () => this.reset(reason));
  }

  /** One end goes: it hears nothing any more; the other hears of it after what was sent before. */
  closeBy(side: "client" | "server", reason: string): void {
    const [mine, other] = side === "client" ? [this.down, this.up] : [this.up, this.down];
    mine.deafen();
    // What nobody took up yet was never there: TCP's first segment was lost, and is not sent again.
    if (side === "client" && !this.up.hasArrived && this.#route.isCut) this.up.deafen();
    else other.finish(reason);
    this.forget();
  }

  /** One end is gone and says nothing: its power was cut. */
  silence(side: "client" | "server"): void {
    (side === "client" ? this.down : this.up).deafen();
    this.forget();
  }

  /** Both ends hear that it is over, at once; what was under way is lost. */
  reset(reason: string): void {
    this.up.drop(reason);
    this.down.drop(reason);
    this.forget();
  }

  /** The route carries again: what was held goes on. */
  release(): void {
    this.up.release();
    this.down.release();
    this.forget();
  }

  /** Leaves the route when nothing will arrive any more. */
  forget(): void {
    if (this.up.isIdle && this.down.isIdle) this.#route.remove(this);
  }
}

/** One direction. */
export class Pipe {
  reader: End | undefined;
  readonly scheduler: Scheduler;
  /** Something got through. */
  hasArrived = false;
  readonly #dice: Dice;
  readonly #route: Route;
  readonly #direction: Direction;
  /** When the last packet arrives, and when the line is free again under `bandwidth`. */
  #last = 0;
  #free = 0;
  #bytes = 0;
  #isFinished = false;
  /** What arrived at a partition. */
  #held: (Packet | string)[] = [];
  readonly #connection: Connection;

  constructor(scheduler: Scheduler, dice: Dice, route: Route, direction: Direction, connection: Connection) {
    this.scheduler = scheduler;
    this.#dice = dice;
    this.#route = route;
    this.#direction = direction;
    this.#connection = connection;
  }

  /** Nothing will arrive any more. */
  get isIdle(): boolean {
    return this.reader === undefined;
  }

  send(packet: Packet): void {
    if (this.#isFinished || this.reader === undefined) return;
    const now = this.scheduler.now;
    const { latency, jitter } = this.#route;
    let due = now + latency + this.#dice.below(jitter + 1);
    for (const toxic of this.#route.toxics) {
      if (!toxic.directions.includes(this.#direction)) continue;
      switch (toxic.kind) {
        case "latency":
          due += toxic.delay + this.#dice.below(toxic.jitter + 1);
          break;
        case "bandwidth": // `rate`: bytes a second
          this.#free = Math.max(this.#free, now) + Math.ceil((packet.bytes * 1000) / toxic.rate);
          due = Math.max(due, this.#free);
          break;
        case "slicer": // pieces of `rate` bytes, `delay` between them
          due += Math.floor(packet.bytes / toxic.rate) * toxic.delay;
          break;
        case "limit_data":
          this.#bytes += packet.bytes;
          if (this.#bytes > toxic.rate) {
            // Later, as nobody hears of it from inside `send`.
            this.scheduler.after(0, () => this.#connection.reset("limit_data"));
            return;
          }
          break;
        case "timeout": // nothing gets through until the connection is closed
          return;
        default:
      }
    }
    this.#deliver(packet, due);
  }

  /** No more will be sent; the reader hears of it after all that was. */
  finish(reason: string): void {
    if (this.#isFinished || this.reader === undefined) return;
    this.#isFinished = true;
    const slow = this.#route.toxics.find(({ kind }) => kind === "slow_close")?.delay ?? 0;
    this.#deliver(reason, this.scheduler.now + this.#route.latency + slow);
  }

  deafen(): void {
    this.reader = undefined;
    this.#held = [];
  }

  drop(reason: string): void {
    const { reader } = this;
    this.deafen();
    reader?.closed(reason);
  }

  release(): void {
    const held = this.#held;
    this.#held = [];
    for (const item of held) this.#arrive(item);
  }

  /** In order, whatever chance says of each. */
  #deliver(item: Packet | string, due: number): void {
    this.#last = Math.max(this.#last, due);
    this.scheduler.after(this.#last - this.scheduler.now, () => this.#arrive(item));
  }

  #arrive(item: Packet | string): void {
    const { reader } = this;
    if (reader === undefined) return;
    if (this.#route.isCut || this.#held.length > 0) {
      this.#held.push(item);
      return;
    }
    this.hasArrived = true;
    if (typeof item !== "string") {
      reader.received(item);
      return;
    }
    this.deafen();
    this.#connection.forget();
    reader.closed(item);
  }
}
