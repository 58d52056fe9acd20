import { NO_SUBSCRIBER } from "../../agent/uplink/session.js";
import type { Dice } from "./dice.js";
import { Mailbox } from "./mailbox.js";
import { type Connection, type End, type Packet, packet } from "./network.js";
import type { Observer } from "./observer.js";
import type { Scheduler } from "./time.js";

/** The name by which the verifier connects; all other clients are boards. */
export const VERIFIER = "verifier";
/** Milliseconds after which a broker ends a silent verifier's connection. */
const KEEP_ALIVE = 45_000;
/** What a board hears of a publication that a broker does not take. */
const REFUSED = "publication refused: quota exceeded (0x97)";

/**
 * An MQTT broker, as far as boards and verifiers see one. It stores what it acknowledges before it does; with no subscriber it says so
 * (MQTT 5, reason 0x10). Faults turn its knobs.
 */
export class Broker {
  /** The verifier's session; undefined where it has none. It outlives connections and, with the store, the broker. */
  mailbox: Mailbox | undefined;
  /** Acknowledgements to boards are lost while this is above 0. */
  mutes = 0;
  /** Publications of boards are neither stored nor answered while this is above 0. */
  swallows = 0;
  /** They are refused while this is above 0. */
  refusals = 0;
  /** The verifier gets messages twice while this is above 0. */
  duplicates = 0;
  /** Deliveries to the verifier wait while this is above 0, so that other brokers are first. */
  holds = 0;
  readonly name: string;
  readonly #scheduler: Scheduler;
  readonly #dice: Dice;
  readonly #observer: Observer;
  #downs = 0;
  #freezes = 0;
  readonly #sessions = new Map<string, Session>();
  /** What came while it was frozen, for the time after. */
  #inbox: (() => void)[] = [];

  constructor(name: string, scheduler: Scheduler, dice: Dice, observer: Observer) {
    this.name = name;
    this.#scheduler = scheduler;
    this.#dice = dice;
    this.#observer = observer;
  }

  get isUp(): boolean {
    return this.#downs === 0;
  }

  get isFrozen(): boolean {
    return this.#freezes > 0;
  }

  get sessions(): number {
    return this.#sessions.size;
  }

  get inboxSize(): number {
    return this.#inbox.length;
  }

  /** What connects to it; its operating system takes connections even while it is frozen. */
  accept(connection: Connection): void {
    connection.server = new Session(this, connection);
  }

  freeze(): void {
    this.#freezes++;
  }

  thaw(): void {
    this.#freezes--;
    if (this.isFrozen) return;
    const inbox = this.#inbox;
    this.#inbox = [];
    for (const act of inbox) act();
    this.pump();
  }

  /** Ends at once. Whether it has its store when it comes back is for `forget` to say. */
  kill(): void {
    this.#downs++;
    this.#inbox = [];
    for (const session of [...this.#sessions.values()]) session.end("killed");
    this.#sessions.clear();
    this.mailbox?.disconnect();
  }

  restart(): void {
    this.#downs--;
  }

  /** The verifier's session is gone, with all that waited in it. */
  forget(): void {
    this.mailbox = undefined;
    const session = this.#sessions.get(VERIFIER);
    this.#sessions.delete(VERIFIER);
    session?.end("session lost");
  }

  pump(): void {
    const session = this.#sessions.get(VERIFIER);
    if (session === undefined || !this.isUp || this.isFrozen || this.holds > 0) return;
    this.mailbox?.deliver((item) => {
      const sent = packet("publish", item.payload.length + 48, { id: item.id, payload: item.payload });
      session.send(sent);
      if (this.duplicates > 0 && this.#dice.chance(50)) session.send(sent);
    });
  }

  /** For Session. */
  handle(session: Session, act: () => void): void {
    if (!this.isUp) session.end("connection refused");
    else if (this.isFrozen) this.#inbox.push(act);
    else act();
  }

  /** For Session. */
  connect(session: Session, client: string): void {
    this.#sessions.get(client)?.end("taken over"); // MQTT 5 §3.1.4
    this.#sessions.set(client, session);
    if (client === VERIFIER) {
      this.mailbox?.disconnect();
      session.watch(this.#scheduler, KEEP_ALIVE);
    }
    session.send(packet("connack", 5, { flag: client === VERIFIER && this.mailbox !== undefined }));
  }

  /** For Session. */
  disconnected(session: Session, client: string): void {
    if (this.#sessions.get(client) !== session) return;
    this.#sessions.delete(client);
    if (client === VERIFIER) this.mailbox?.disconnect();
  }

  /** For Session: a witness's message, to the board that has the topic, if it is connected. */
  passOn({ text, payload, bytes }: Packet): void {
    if (this.mutes > 0 || this.swallows > 0) return;
    for (const [client, session] of this.#sessions)
      if (client !== VERIFIER && session.topic === text)
        session.send(packet("publish", bytes, { payload, text }));
  }

  /** For Session: a board's message. */
  published(session: Session, { id, payload, flag: retain }: Packet): void {
    if (this.swallows > 0) return;
    if (this.refusals > 0) {
      session.send(packet("puback", 6, { id, flag: false, text: REFUSED }));
      return;
    }
    let kept = false;
    if (!retain && payload !== undefined && this.mailbox !== undefined) {
      kept = this.mailbox.put(payload);
      if (kept) this.#observer.queued(this.name, payload);
      this.pump();
    }
    if (this.mutes === 0)
      session.send(packet("puback", 6, { id, flag: kept, text: kept ? "" : NO_SUBSCRIBER }));
  }

  /** For Session. */
  subscribe(session: Session): void {
    if (session.topic !== "") {
      session.send(packet("suback", 6));
      return;
    }
    this.mailbox ??= new Mailbox();
    session.send(packet("suback", 6));
    this.mailbox.connect();
    this.pump();
  }
}

/** One client's connection, on the broker's side. */
class Session implements End {
  readonly #broker: Broker;
  readonly #connection: Connection;
  /** What a board has subscribed to; empty: nothing, or it is the verifier's session. */
  topic = "";
  #client = "";
  #heard = 0;

  constructor(broker: Broker, connection: Connection) {
    this.#broker = broker;
    this.#connection = connection;
  }

  received(item: Packet): void {
    this.#broker.handle(this, () => this.#act(item));
  }

  closed(): void {
    this.#broker.handle(this, () => this.#broker.disconnected(this, this.#client));
  }

  send(item: Packet): void {
    this.#connection.down.send(item);
  }

  end(reason: string): void {
    this.#connection.closeBy("server", reason);
  }

  /** Ends a connection that says nothing for so long. */
  watch(scheduler: Scheduler, limit: number): void {
    this.#heard = scheduler.now;
    const look = () => {
      if (this.#connection.up.isIdle) return;
      if (!this.#broker.isFrozen && scheduler.now - this.#heard >= limit) {
        this.#broker.disconnected(this, this.#client);
        this.end("keep-alive");
      } else scheduler.after(limit, look);
    };
    scheduler.after(limit, look);
  }

  #act(item: Packet): void {
    const broker = this.#broker;
    this.#heard = this.#connection.up.scheduler.now;
    switch (item.type) {
      case "connect":
        this.#client = item.text;
        broker.connect(this, item.text);
        break;
      case "publish":
        if (this.#client === VERIFIER) broker.passOn(item);
        else broker.published(this, item);
        break;
      case "subscribe":
        if (this.#client !== VERIFIER) this.topic = item.text;
        broker.subscribe(this);
        break;
      case "puback":
        if (this.#client === VERIFIER && broker.mailbox?.acknowledge(item.id) === true) broker.pump();
        break;
      case "pingreq":
        this.send(packet("pingresp", 2));
        break;
      default:
    }
  }
}
