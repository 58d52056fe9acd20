import type { Link, LinkHandler } from "../../agent/ports/link.js";
import type { Broker, Inbox, Presence } from "../../agent/settings/broker.js";
import type { PresenceAsked } from "../../agent/uplink/terms.js";
import { MqttSession } from "./mqtt-session.js";
import type { Transport } from "./transport.js";

/** Milliseconds for which nobody's messages are asked for after one that was too long for a session to get past. */
const DEAFNESS = 600_000;

/**
 * A broker reached by the SDK's ECMA-419 MQTT client (MQTT 3.1.1). When a session is given up is the agent's decision:
 * the client's own limit on connecting, 30 seconds, is only the outer one. A broker that retains nothing gets the device's
 * presence without that, or not at all: it often hangs up without a word, and is asked for less within the same attempt.
 *
 * A message on the inbox's topic may be so long (256 MB) that the broker's acknowledgements do not get past it in time, and the session is given up in
 * the middle of it. A retained one would do so to each session before its first acknowledgement, so the next session subscribes only after a while.
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
  /** The last session ended in the middle of a message that is passed over. */
  #isDeaf = false;

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
    this.learn(session);
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
          this.learn(session);
          const { less, isAccepted } = session;
          if (isAccepted || less === undefined) handler.closed(reason);
          else this.#open(less, handler);
        },
      },
      this.#inbox,
      this.#isDeaf ? DEAFNESS : 0,
    );
    this.#session = session;
  }

  /** From a session that is over. */
  private learn(session: MqttSession): void {
    if (!session.isAccepted) return;
    this.#isDeaf = session.isPassingOver;
    this.#next = session.less;
  }
}
