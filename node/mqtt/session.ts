import { connect, type ErrorWithReasonCode, type IConnackPacket, type MqttClient } from "mqtt";
import { type Inbox, MAX_INBOX_BYTES } from "../../agent/settings/broker.js";
import { FIRST_OTHER_ID, NO_SUBSCRIBER, STATUS_ID } from "../../agent/uplink/session.js";
import type { Answer, Terms } from "../../agent/uplink/terms.js";
import { type BrokerAddress, mqttOptions } from "./broker-address.js";
import { answerOf, reasonOf, reasonText } from "./client.js";
import { passOverLong } from "./long-publications.js";

/** MQTT 5 §3.4.2.1: the broker took the message and knows that nobody will get it. */
const NO_MATCHING_SUBSCRIBERS = 0x10;
/** Bytes of an MQTT 5 PUBLISH but for its length, topic and payload: type, topic's length, identifier, no properties. */
const PUBLISH_OVERHEAD = 1 + 2 + 2 + 1;

/** What the broker publishes, retained, when the session breaks. */
export interface LastWill {
  readonly topic: string;
  readonly payload: string;
}

/** How a session ended, or did not come about. */
export interface End {
  readonly reason: string;
  /** What the broker itself said, or the system; empty where the connection was ended without a word. */
  readonly said: string;
  readonly answer: Answer;
}

export interface SessionHandler {
  opened(): void;
  acknowledged(id: number): void;
  refused(id: number, reason: string): void;
  ended(end: End): void;
}

export interface SessionInit {
  readonly broker: BrokerAddress;
  readonly clientId: string;
  readonly terms: Terms;
  readonly will: LastWill | undefined;
  readonly inbox: Inbox | undefined;
}

/** One session of MQTT.js, from its opening to its end. */
export class MqttSession {
  readonly terms: Terms;
  /** The broker took the session. */
  isOpen = false;
  readonly #client: MqttClient;
  /** Undefined when the session is over: what MQTT.js says after that is nobody's. */
  #handler: SessionHandler | undefined;
  #error: Error | undefined;
  /** What the broker said as it ended the session. */
  #farewell = "";
  /** Packet identifiers of publications that nobody will get. */
  readonly #unheard = new Set<number>();
  #largestPacket = Number.POSITIVE_INFINITY;
  #retains: boolean;
  #hasAcknowledged = false;
  /** Presences without an answer. */
  #presences = 0;
  /** Publications without an answer. */
  #owed = 0;

  constructor({ broker, clientId, terms, will, inbox }: SessionInit, handler: SessionHandler) {
    this.terms = terms;
    this.#handler = handler;
    this.#retains = terms.presence === "retained";
    const hasWill = will !== undefined && terms.presence !== "none";
    this.#client = connect({
      ...mqttOptions(broker),
      clientId,
      protocolVersion: terms.version,
      clean: true,
      reconnectPeriod: 0, // the uplink decides when
      resubscribe: false,
      keepalive: 30,
      manualConnect: true,
      ...(hasWill && {
        will: { ...will, payload: Buffer.from(will.payload), qos: 1, retain: this.#retains },
      }),
    });
    if (inbox !== undefined)
      passOverLong(this.#client, {
        topics: [...inbox.topics],
        isMqtt5: terms.version === 5,
        passedOver: (bytes) => this.#handler !== undefined && inbox.passedOver(bytes),
      });
    this.#client.connect();
    this.#client.on("connect", (answer) => {
      if (this.#isRefusedBy(answer)) return;
      this.isOpen = true;
      if (inbox !== undefined) this.#client.subscribe([...inbox.topics], { qos: 1 });
      this.#handler?.opened();
    });
    // Another topic than was asked for is none of ours.
    this.#client.on("message", (topic, payload) => {
      if (this.#handler === undefined || inbox?.topics.includes(topic) !== true) return;
      if (payload.length > MAX_INBOX_BYTES) inbox.passedOver(payload.length);
      else inbox.received(payload);
    });
    this.#client.on("error", (error) => {
      this.#error ??= error;
    });
    this.#client.on("disconnect", ({ reasonCode = 0, properties }) => {
      this.#farewell = `the broker ended the session: ${reasonText(reasonCode, properties?.reasonString)}`;
    });
    this.#client.on("packetreceive", (packet) => {
      if (packet.cmd === "puback" && packet.reasonCode === NO_MATCHING_SUBSCRIBERS && packet.messageId)
        this.#unheard.add(packet.messageId);
    });
    this.#client.on("close", () => this.#ended());
  }

  /** A connection came about, whatever became of it. */
  get isConnected(): boolean {
    return this.isOpen || !("connecting" in this.#client.stream && this.#client.stream.connecting === true);
  }

  /** The broker retains what it is asked to, as far as it has said. */
  get retains(): boolean {
    return this.#retains;
  }

  /** Whether the broker takes a publication of so many bytes, as far as it has said. */
  takes(topic: string, payloadBytes: number): boolean {
    return packetBytes(topic, payloadBytes) <= this.#largestPacket;
  }

  /** What is said of a publication that it does not take. */
  get tooLarge(): string {
    return `packet too large: the broker takes ${this.#largestPacket} bytes`;
  }

  /** A presence waits for its answer, and no frame was ever acknowledged. */
  get isStuckAtPresence(): boolean {
    return this.#presences > 0 && !this.#hasAcknowledged;
  }

  /** Nothing where the session is over: boards on XS may not have heard of that yet. */
  publish(id: number, topic: string, payload: Uint8Array, retain: boolean): void {
    if (this.#handler === undefined) return;
    if (!this.takes(topic, payload.length)) {
      const reason = this.tooLarge;
      this.#answer(() => this.#handler?.refused(id, reason));
      return;
    }
    if (id === STATUS_ID && this.terms.presence === "none") {
      this.#answer(() => this.#handler?.acknowledged(id));
      return;
    }
    if (id === STATUS_ID) this.#presences++;
    this.#owed++;
    const how = { qos: 1, retain: retain && this.#retains } as const;
    this.#client.publish(topic, Buffer.from(payload), how, (error, packet) => {
      const isUnheard = this.#unheard.delete(packet?.messageId ?? 0);
      this.#owed--;
      if (id === STATUS_ID) this.#presences--;
      if (error) this.#handler?.refused(id, `publication refused: ${saidBy(error, packet)}`);
      else if (isUnheard && !retain) this.#handler?.refused(id, NO_SUBSCRIBER);
      else {
        if (id < FIRST_OTHER_ID) this.#hasAcknowledged = true;
        this.#handler?.acknowledged(id);
      }
    });
  }

  end(): void {
    this.#handler = undefined;
    this.#client.end(true);
  }

  /** Never from inside of `publish`. */
  #answer(answer: () => void): void {
    setImmediate(answer);
  }

  /** What the broker will not take (MQTT 5 §3.2.2.3). Ends the session where no frame can get through. */
  #isRefusedBy({ properties }: IConnackPacket): boolean {
    if (properties?.retainAvailable === false) this.#retains = false;
    if (properties?.maximumPacketSize !== undefined) this.#largestPacket = properties.maximumPacketSize;
    if (properties?.maximumQoS !== 0) return false;
    this.#farewell = "QoS not supported: the broker takes QoS 0 only, and so acknowledges nothing";
    this.#ended();
    return true;
  }

  #ended(): void {
    const handler = this.#handler;
    const error = this.#error;
    const stuck = this.#owed > 0;
    this.end();
    if (handler === undefined) return;
    const said = this.#farewell || (error === undefined ? "" : reasonOf(error));
    handler.ended({
      reason: said || this.#silence(stuck),
      said,
      answer: this.#farewell === "" ? answerOf(error) : undefined,
    });
  }

  #silence(isOwing: boolean): string {
    if (!this.isOpen) return "the broker ended the connection without an answer";
    return isOwing ? "the broker ended the connection at a publication" : "the connection was closed";
  }
}

function packetBytes(topic: string, payloadBytes: number): number {
  const bytes = PUBLISH_OVERHEAD + Buffer.byteLength(topic) + payloadBytes;
  // The remaining length takes as many bytes as it needs (MQTT 5 §1.5.5).
  return bytes + (bytes <= 128 ? 1 : bytes <= 16_385 ? 2 : 3);
}

/** Why a publication was refused; MQTT.js's own text has a beginning that says no more than that. */
function saidBy(error: Error, packet: unknown): string {
  const { code } = error as Partial<ErrorWithReasonCode>;
  if (typeof code !== "number") return reasonOf(error);
  const { properties } = (packet ?? {}) as { properties?: { reasonString?: string } };
  return reasonText(code, properties?.reasonString);
}
