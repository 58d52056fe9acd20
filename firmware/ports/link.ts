import type { Link, LinkHandler } from "../../agent/ports/link.js";
import type { Broker, Inbox, Presence } from "../../agent/settings/broker.js";
import { MqttSession } from "./mqtt-session.js";
import type { Transport } from "./transport.js";

/**
 * A broker reached by the SDK's ECMA-419 MQTT client (MQTT 3.1.1). When a session is given up is the agent's decision:
 * the client's own limit on connecting, 30 seconds, is only the outer one.
 */
export class MqttLink implements Link {
  readonly name: string;
  readonly #broker: Broker;
  readonly #clientId: string;
  readonly #transport: Transport;
  readonly #presence: Presence;
  readonly #inbox: Inbox | undefined;
  #session: MqttSession | undefined;

  constructor(broker: Broker, clientId: string, transport: Transport, presence: Presence, inbox?: Inbox) {
    this.name = `${broker.host}:${broker.port}`;
    this.#broker = broker;
    this.#clientId = clientId;
    this.#transport = transport;
    this.#presence = presence;
    this.#inbox = inbox;
  }

  open(handler: LinkHandler): void {
    this.#session = new MqttSession(
      this.#broker,
      this.#clientId,
      this.#transport,
      this.#presence,
      handler,
      this.#inbox,
    );
  }

  publish(id: number, topic: string, payload: Uint8Array, retain: boolean): void {
    this.#session?.publish(id, topic, payload, retain);
  }

  close(): void {
    this.#session?.end();
    this.#session = undefined;
  }
}
