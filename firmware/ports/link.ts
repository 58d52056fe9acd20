import type { Link, LinkHandler } from "../../agent/ports/link.js";
import type { Broker, Inbox, Presence } from "../../agent/settings/broker.js";
import type { PresenceAsked } from "../../agent/uplink/terms.js";
import { MqttSession } from "./mqtt-session.js";
import type { Transport } from "./transport.js";

/**
 * A broker reached by the SDK's ECMA-419 MQTT client (MQTT 3.1.1). When a session is given up is the agent's decision:
 * the client's own limit on connecting, 30 seconds, is only the outer one. A broker that retains nothing gets the device's
 * presence without that, or not at all: it often hangs up without a word, and is asked for less within the same attempt.
 */
export class MqttLink implements Link {
  readonly name: string;
  readonly #broker: Broker;
  readonly #clientId: string;
  readonly #transport: Transport;
  readonly #presence: Presence;
  readonly #inbox: Inbox | undefined;
  #session: MqttSession | undefined;
  /** What the next attempt begins with, after a session that broke at a status. */
  #next: PresenceAsked | undefined;

  constructor(broker: Broker, clientId: string, transport: Transport, presence: Presence, inbox?: Inbox) {
    this.name = `${broker.host}:${broker.port}`;
    this.#broker = broker;
    this.#clientId = clientId;
    this.#transport = transport;
    this.#presence = presence;
    this.#inbox = inbox;
  }

  open(handler: LinkHandler): void {
    const asked = this.#next ?? "retained";
    this.#next = undefined;
    this.#open(asked, handler);
  }

  publish(id: number, topic: string, payload: Uint8Array, retain: boolean): void {
    this.#session?.publish(id, topic, payload, retain);
  }

  close(): void {
    const session = this.#session;
    this.#session = undefined;
    if (session === undefined) return;
    session.end();
    if (session.isAccepted) this.#next = session.less;
  }

  #open(asked: PresenceAsked, handler: LinkHandler): void {
    const session = new MqttSession(
      this.#broker,
      this.#clientId,
      this.#transport,
      this.#presence,
      asked,
      {
        opened: () => handler.opened(),
        acknowledged: (id) => handler.acknowledged(id),
        refused: (id, reason) => handler.refused(id, reason),
        closed: (reason) => {
          this.#session = undefined;
          const { less, isAccepted } = session;
          if (isAccepted) this.#next = less;
          if (isAccepted || less === undefined) handler.closed(reason);
          else this.#open(less, handler);
        },
      },
      this.#inbox,
    );
    this.#session = session;
  }
}
