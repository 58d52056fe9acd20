import { connect, type MqttClient } from "mqtt";
import type { Link, LinkHandler } from "../../agent/ports/link.js";
import { type Inbox, MAX_INBOX_BYTES } from "../../agent/settings/broker.js";
import { type BrokerAddress, mqttOptions, nameOf } from "../../network/broker-address.js";

/** MQTT 5 §3.4.2.1: the broker took the message and knows that nobody will get it. */
const NO_MATCHING_SUBSCRIBERS = 0x10;
/** "Unacceptable protocol version" in MQTT 3.1.1 (§3.2.2.3) and in MQTT 5 (§3.2.2.2). */
const WRONG_VERSION = [1, 0x84];

export type MqttVersion = 4 | 5;

/** What the broker publishes, retained, when the session breaks. */
export interface LastWill {
  readonly topic: string;
  readonly payload: string;
}

/**
 * A broker reached by MQTT.js. Speaks MQTT 5, in which a broker says when nobody listens, and MQTT 3.1.1 (`version` 4)
 * with brokers that know no other.
 */
export function createMqttLink(
  broker: BrokerAddress,
  clientId: string,
  version: MqttVersion = 5,
  will?: LastWill,
  inbox?: Inbox,
): Link {
  let session: MqttSession | undefined;

  function open(handler: LinkHandler): void {
    session = new MqttSession(broker, clientId, version, will, inbox, handler, () => {
      version = 4;
      open(handler);
    });
  }

  return {
    name: nameOf(broker),
    open,
    publish: (id, topic, payload, retain) => session?.publish(id, topic, payload, retain),
    close() {
      session?.end();
      session = undefined;
    },
  };
}

class MqttSession {
  readonly #client: MqttClient;
  /** Undefined when the session is over: what MQTT.js says after that is nobody's. */
  #handler: LinkHandler | undefined;
  #reason = "the connection was closed";
  /** Packet identifiers of publications that nobody will get. */
  readonly #unheard = new Set<number>();

  constructor(
    broker: BrokerAddress,
    clientId: string,
    protocolVersion: MqttVersion,
    will: LastWill | undefined,
    inbox: Inbox | undefined,
    handler: LinkHandler,
    tryOlder: () => void,
  ) {
    let isTooNew = false;
    this.#handler = handler;
    this.#client = connect({
      ...mqttOptions(broker),
      clientId,
      protocolVersion,
      clean: true,
      reconnectPeriod: 0, // the uplink decides when
      resubscribe: false,
      keepalive: 30,
      ...(will && { will: { ...will, payload: Buffer.from(will.payload), qos: 1, retain: true } }),
    });
    this.#client.on("connect", () => {
      if (inbox !== undefined) this.#client.subscribe(inbox.topic, { qos: 1 });
      this.#handler?.opened();
    });
    // Another topic than was asked for is none of ours.
    this.#client.on("message", (topic, payload) => {
      if (this.#handler === undefined || topic !== inbox?.topic) return;
      if (payload.length > MAX_INBOX_BYTES) inbox.passedOver(payload.length);
      else inbox.received(payload);
    });
    this.#client.on("error", (error) => {
      this.#reason = error.message || error.name;
      isTooNew = protocolVersion === 5 && WRONG_VERSION.includes((error as { code?: number }).code ?? 0);
    });
    this.#client.on("packetreceive", (packet) => {
      if (packet.cmd === "puback" && packet.reasonCode === NO_MATCHING_SUBSCRIBERS && packet.messageId)
        this.#unheard.add(packet.messageId);
    });
    this.#client.on("close", () => {
      const owner = this.#handler;
      this.end();
      if (owner !== undefined && isTooNew) tryOlder();
      else owner?.closed(this.#reason);
    });
  }

  /** Nothing where the session is over: boards on XS may not have heard of that yet. */
  publish(id: number, topic: string, payload: Uint8Array, retain: boolean): void {
    if (this.#handler === undefined) return;
    this.#client.publish(topic, Buffer.from(payload), { qos: 1, retain }, (error, packet) => {
      const kept = !error && !this.#unheard.delete(packet?.messageId ?? 0);
      this.#handler?.acknowledged(id, kept);
    });
  }

  end(): void {
    this.#handler = undefined;
    this.#client.end(true);
  }
}
