import type { Link, LinkHandler } from "../../agent/ports/link.js";
import type { Inbox } from "../../agent/settings/broker.js";
import { type Answer, lessThan, type MqttVersion, type Terms, weakerThan } from "../../agent/uplink/terms.js";
import { type BrokerAddress, nameOf } from "../mqtt/broker-address.js";
import { type LastWill, MqttSession } from "../mqtt/session.js";

/** So many attempts without any answer are frozen brokers, or one that does not know MQTT 5: then MQTT 3.1.1 has a turn. */
const SILENCES = 2;

/**
 * A broker reached by MQTT.js. Speaks MQTT 5, in which a broker says when nobody listens and why it refuses, and MQTT 3.1.1 (`version` 4)
 * with brokers that know no other. One that retains nothing gets the device's presence without that, or not at all.
 */
export function createMqttLink(
  broker: BrokerAddress,
  clientId: string,
  version: MqttVersion = 5,
  will?: LastWill,
  inbox?: Inbox,
): Link {
  return new MqttLink(broker, clientId, { version, presence: "retained" }, will, inbox);
}

/**
 * A broker that does not like how it is asked often hangs up without a word, and is asked for less then: within one attempt, as long as
 * it hangs up at once.
 */
class MqttLink implements Link {
  readonly name: string;
  readonly #broker: BrokerAddress;
  readonly #clientId: string;
  readonly #will: LastWill | undefined;
  readonly #inbox: Inbox | undefined;
  /** What each attempt begins with … */
  #first: Terms;
  /** … but for the next one, after a session that went wrong. */
  #next: Terms | undefined;
  #session: MqttSession | undefined;
  /** Attempts that got a connection, and no answer over it. */
  #silences = 0;

  constructor(
    broker: BrokerAddress,
    clientId: string,
    first: Terms,
    will: LastWill | undefined,
    inbox: Inbox | undefined,
  ) {
    this.name = nameOf(broker);
    this.#broker = broker;
    this.#clientId = clientId;
    this.#first = first;
    this.#will = will;
    this.#inbox = inbox;
  }

  open(handler: LinkHandler): void {
    const terms = this.#next ?? this.#first;
    this.#next = undefined;
    this.#open(terms, handler, "");
  }

  publish(id: number, topic: string, payload: Uint8Array, retain: boolean): void {
    this.#session?.publish(id, topic, payload, retain);
  }

  close(): void {
    const session = this.#session;
    this.#session = undefined;
    if (session === undefined) return;
    session.end();
    if (session.isOpen) this.#learn(session);
    else if (session.isConnected && ++this.#silences % SILENCES === 0)
      this.#next = { ...this.#first, version: 4 };
  }

  /** `said`: why an earlier try of this attempt failed. */
  #open(terms: Terms, handler: LinkHandler, said: string): void {
    const session = new MqttSession(
      { broker: this.#broker, clientId: this.#clientId, terms, will: this.#will, inbox: this.#inbox },
      {
        opened: () => handler.opened(),
        acknowledged: (id) => handler.acknowledged(id),
        refused: (id, reason) => handler.refused(id, reason),
        ended: (end) => {
          this.#session = undefined;
          if (session.isOpen) this.#learn(session);
          const less = session.isOpen ? undefined : this.#less(session.terms, end.answer);
          if (less !== undefined) this.#open(less, handler, said || end.said);
          else handler.closed(session.isOpen ? end.reason : said || end.reason);
        },
      },
    );
    this.#session = session;
  }

  /** A session that ended while a presence was not answered, and no frame ever was: the broker may not like presences. */
  #learn({ terms: { version, presence }, isStuckAtPresence }: MqttSession): void {
    const weaker = isStuckAtPresence ? weakerThan(presence) : undefined;
    if (weaker !== undefined) this.#next = { version, presence: weaker };
  }

  /** What to ask for instead where the broker did not take the session, if anything. */
  #less(terms: Terms, answer: Answer): Terms | undefined {
    const less = lessThan(terms, answer);
    // It has said so itself: the next attempts begin there.
    if (less !== undefined && less.version < terms.version && typeof answer === "number")
      this.#first = { ...this.#first, version: less.version };
    return less;
  }
}
