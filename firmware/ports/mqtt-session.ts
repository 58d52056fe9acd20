import MQTTClient from "embedded:network/mqtt/client";
import Timer from "timer";
import type { LinkHandler } from "../../agent/ports/link.js";
import type { Broker, Inbox, Presence } from "../../agent/settings/broker.js";
import { FIRST_OTHER_ID, STATUS_ID } from "../../agent/uplink/session.js";
import { lessThan, type PresenceAsked, weakerThan } from "../../agent/uplink/terms.js";
import { GuardedSocket, type Socket } from "./guarded-socket.js";
import { replacedBytes } from "./packet-filter.js";
import { PublicationQueue, type PublicationWriter } from "./publications.js";
import type { ResolveOptions, SocketOptions, Transport } from "./transport.js";

/** Milliseconds without a packet after which the client sends a PINGREQ (MQTT 3.1.1 §3.1.2.10). */
const KEEP_ALIVE = 30_000;
const MAX_PACKET = 65_535;
const NOT_TAKEN = "the broker did not take the session";
/** What CONNACK's codes say (MQTT 3.1.1 §3.2.2.3), from 1 on. */
const REFUSALS: readonly string[] = Object.freeze([
  "unacceptable protocol version",
  "identifier rejected",
  "server unavailable",
  "bad username or password",
  "not authorized",
]);

interface ControlMessage {
  readonly operation: number;
  readonly id: number;
}

/** What the client says of the next bytes of a publication; `byteLength`, of all, with the first of them. */
interface Arrival {
  readonly byteLength?: number;
  readonly more: boolean;
}

/**
 * One MQTT session, from its opening to its end. It has a client of its own, so that nothing which an old client still
 * says can reach a new session's handler. Every call into the client and out of it passes `guard`, and its socket throws nothing
 * (GuardedSocket): an exception in a socket's callback or in a timer of the client's would end the machine.
 */
export class MqttSession {
  readonly #transport: Transport;
  readonly #certificate: { readonly certificate?: Uint8Array };
  readonly #queue = new PublicationQueue();
  /** Ids of the agent's publications, by packet identifier. */
  readonly #ids = new Map<number, number>();
  /** Undefined when the session is over. */
  #handler: LinkHandler | undefined;
  readonly #inbox: Inbox | undefined;
  /** Milliseconds from the session's opening to its subscription. */
  readonly #deafness: number;
  #listening: Timer | undefined;
  /** A publication of the broker's, of which `#arrived` bytes are there. */
  #message = new Uint8Array(0);
  #arrived = 0;
  #client: MQTTClient | undefined;
  #socket: GuardedSocket | undefined;
  #failing: Timer | undefined;
  #packet = 0;
  readonly #asked: PresenceAsked;
  /** Statuses without an answer. */
  #statuses = 0;
  #hasAcknowledged = false;
  #isAccepted = false;
  /** With which the broker refused the session; 0: it did not, or not so. */
  #code = 0;
  /** What is said where the client only says "error". */
  #failure = "the host has no address";

  constructor(
    broker: Broker,
    clientId: string,
    transport: Transport,
    presence: Presence,
    asked: PresenceAsked,
    handler: LinkHandler,
    inbox?: Inbox,
    deafness = 0,
  ) {
    this.#asked = asked;
    this.#transport = transport;
    this.#certificate = broker.certificate === undefined ? {} : { certificate: broker.certificate };
    this.#handler = handler;
    this.#inbox = inbox;
    this.#deafness = deafness;
    try {
      this.#client = new MQTTClient({
        ...broker,
        id: clientId,
        keepAlive: KEEP_ALIVE,
        ...(asked !== "none" && {
          will: { topic: presence.topic, message: presence.offline, QoS: 1, retain: asked === "retained" },
        }),
        dns: { io: SessionResolver, session: this },
        socket: { io: SessionSocket, session: this },
        onControl: (message: unknown) => this.guard(() => this.heard(message as ControlMessage)),
        onReadable: (count, options) => this.guard(() => this.arrive(count, options as unknown as Arrival)),
        onWritable: (room) => this.guard(() => this.writable(room)),
        onError: () => this.guard(() => this.failed()),
      });
    } catch (error) {
      this.failLater(error);
    }
  }

  /** What to ask for where the broker may have disliked the presence. Once the session is over. */
  get less(): PresenceAsked | undefined {
    const presence = this.#asked;
    if (this.#isAccepted)
      return this.#statuses > 0 && !this.#hasAcknowledged ? weakerThan(presence) : undefined;
    const answer = this.#code || (this.#failure === NOT_TAKEN ? "none" : undefined);
    return lessThan({ version: 4, presence }, answer)?.presence;
  }

  get isAccepted(): boolean {
    return this.#isAccepted;
  }

  /** It is, or was when it ended, in the middle of a message that is too long to be kept. */
  get isPassingOver(): boolean {
    return this.#socket?.isPassingOver === true;
  }

  publish(id: number, topic: string, payload: Uint8Array, retain: boolean): void {
    if (id === STATUS_ID && this.#asked === "none") {
      // Never from inside of `publish`.
      Timer.set(() => this.guard(() => this.#handler?.acknowledged(id)), 0);
      return;
    }
    if (id === STATUS_ID) this.#statuses++;
    const packet = this.nextPacket();
    this.#ids.set(packet, id);
    const isRetained = retain && this.#asked === "retained";
    this.#queue.add({ packet, topic, payload: payload.slice(), retain: isRetained });
    this.drain();
  }

  /** Nothing is called back any more. */
  end(): void {
    this.#handler = undefined;
    if (this.#failing !== undefined) Timer.clear(this.#failing);
    this.#failing = undefined;
    if (this.#listening !== undefined) Timer.clear(this.#listening);
    this.#listening = undefined;
    const client = this.#client;
    this.#client = undefined;
    client?.close();
  }

  fail(reason: string): void {
    this.#failure = reason;
    const handler = this.#handler;
    this.end();
    handler?.closed(reason);
  }

  /** For the client: it must hear nothing once it is closed, which its own code does not see to. */
  resolve(options: ResolveOptions): void {
    this.#transport.resolve({
      host: options.host,
      onResolved: (host, address) => this.guard(() => options.onResolved(host, address)),
      onError: () => this.guard(() => options.onError()),
    });
  }

  /** For the client. */
  openSocket(options: SocketOptions): object {
    this.#failure = "no connection";
    let guarded: GuardedSocket | undefined;
    const socket = this.connect({
      address: options.address,
      host: options.host,
      port: options.port,
      ...this.#certificate,
      onReadable: (count) => this.guard(() => guarded?.readable(count, options.onReadable)),
      onWritable: (count) => {
        if (this.#failure === "no connection") this.#failure = NOT_TAKEN;
        this.guard(() => options.onWritable(count));
      },
      onError: (reason) => {
        if (reason !== undefined) this.#failure = reason;
        this.guard(() => options.onError());
      },
    });
    const fail = (reason: string) => {
      this.#failure = reason;
      this.failLater(reason);
    };
    guarded = new GuardedSocket(socket, fail, this.#inbox?.topics);
    this.#socket = guarded;
    return guarded;
  }

  /** The client takes what is thrown here for "error", and no more. */
  private connect(options: SocketOptions): Socket {
    try {
      return this.#transport.openSocket(options) as Socket;
    } catch (error) {
      this.#failure = String(error);
      throw error;
    }
  }

  /** The client says no more than "error", the broker perhaps a code. */
  private failed(): void {
    const code = this.#isAccepted ? 0 : (this.#socket?.code ?? 0);
    this.#code = code;
    if (code === 0) this.fail(this.#failure);
    else this.fail(`${NOT_TAKEN}: ${REFUSALS[code - 1] ?? `reason ${code}`}`);
  }

  private heard({ operation, id: packet }: ControlMessage): void {
    if (operation === MQTTClient.CONNACK) {
      if (this.#isAccepted) throw new Error("a second CONNACK"); // the guard ends the session
      this.#isAccepted = true;
      this.#failure = "the connection broke";
      // A broker that refuses it carries frames all the same.
      if (this.#deafness === 0) this.subscribe();
      else this.#listening = Timer.set(() => this.guard(() => this.listen()), this.#deafness);
      this.#handler?.opened();
    } else if (operation === MQTTClient.PUBACK) {
      const id = this.#ids.get(packet);
      this.#ids.delete(packet);
      if (id === undefined) return;
      if (id === STATUS_ID) this.#statuses--;
      if (id < FIRST_OTHER_ID) this.#hasAcknowledged = true;
      this.#handler?.acknowledged(id);
    }
  }

  private listen(): void {
    this.#listening = undefined;
    this.subscribe();
    this.drain();
  }

  private subscribe(): void {
    if (this.#inbox !== undefined)
      this.#queue.subscribe({ packet: this.nextPacket(), topics: this.#inbox.topics });
  }

  /** The socket lets through only what is of the inbox's topics, and has replaced what is empty or too long. */
  private arrive(count: number, { byteLength, more }: Arrival): void {
    if (!this.#isAccepted) throw new Error("a publication before CONNACK");
    if (byteLength !== undefined) {
      this.#message = new Uint8Array(byteLength);
      this.#arrived = 0;
    }
    const part = this.#client?.read(count) as ArrayBuffer;
    this.#message.set(new Uint8Array(part), this.#arrived);
    this.#arrived += count;
    if (more) return;
    const message = this.#message;
    this.#message = new Uint8Array(0);
    const bytes = replacedBytes(message);
    if (bytes === undefined) this.#inbox?.received(message);
    else if (bytes > 0) this.#inbox?.passedOver(bytes);
  }

  private writable(room: number): void {
    this.#queue.grant(room);
    this.drain();
  }

  private nextPacket(): number {
    do this.#packet = (this.#packet % MAX_PACKET) + 1;
    while (this.#ids.has(this.#packet));
    return this.#packet;
  }

  private drain(): void {
    if (this.#client === undefined) return;
    try {
      this.#queue.drain(this.#client as unknown as PublicationWriter);
    } catch (error) {
      this.failLater(error);
    }
  }

  /** Not now: the owner may be inside of `open` or `publish`. */
  private failLater(error: unknown): void {
    this.#failing ??= Timer.set(() => {
      this.#failing = undefined;
      this.fail(String(error));
    }, 0);
  }

  private guard(call: () => void): void {
    if (this.#handler === undefined) return;
    try {
      call();
    } catch (error) {
      this.fail(String(error));
    }
  }
}

/** The client makes its resolver and its socket from classes that it is given, with the options that it is given. */
class SessionResolver {
  readonly #session: MqttSession;

  constructor({ session }: { session: MqttSession }) {
    this.#session = session;
  }

  resolve(options: ResolveOptions): void {
    this.#session.resolve(options);
  }
}

function SessionSocket(options: SocketOptions & { session: MqttSession }): object {
  return options.session.openSocket(options);
}
