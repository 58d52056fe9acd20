/** One PUBLISH that waits for room in the socket. */
export interface Publication {
  /** MQTT packet identifier, 1 to 65,535. */
  readonly packet: number;
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly retain: boolean;
}

/** What there is to subscribe to, and the MQTT packet identifier to do so. */
export interface Subscription {
  readonly packet: number;
  /** ASCII. */
  readonly topics: readonly string[];
}

/** What of an MQTT client a queue of publications needs: SDK, examples/io/tcp/mqttclient. */
export interface PublicationWriter {
  /** Returns the bytes that may be written now. Options come with a publication's first fragment only. */
  write(data: Uint8Array, options?: PublicationOptions | SubscriptionOptions): number;
}

export interface PublicationOptions {
  readonly topic: string;
  readonly QoS: 1;
  readonly id: number;
  readonly retain: boolean;
  /** Of the whole payload. */
  readonly byteLength: number;
}

export interface SubscriptionOptions {
  readonly operation: typeof SUBSCRIBE;
  readonly id: number;
  readonly items: readonly { readonly topic: string; readonly QoS: 1 }[];
}

/** MQTT 3.1.1 §2.2.1. */
export const SUBSCRIBE = 8;
const NOTHING = new Uint8Array(0);
/** Bytes of a topic in a SUBSCRIBE but for its text: its length and its QoS (§3.8.3). */
const TOPIC_OVERHEAD = 3;

/** A subscription, then publications in order; one that is longer than what the socket takes now goes in fragments. */
export class PublicationQueue {
  /** Bytes that the client takes now, besides its own 8 bytes a publication. */
  #room = 0;
  /** Bytes of the first publication that are written. */
  #written = 0;
  readonly #waiting: Publication[] = [];
  #subscription: Subscription | undefined;

  add(publication: Publication): void {
    this.#waiting.push(publication);
  }

  /** Goes before all that is not begun. */
  subscribe(subscription: Subscription): void {
    this.#subscription = subscription;
  }

  /** The client said that it takes `room` bytes. */
  grant(room: number): void {
    this.#room = room;
  }

  /** Writes what there is room for. Throws what the client throws: its session is then as good as over. */
  drain(client: PublicationWriter): void {
    if (this.#subscription !== undefined && this.#written === 0) {
      const { packet, topics } = this.#subscription;
      const items: { topic: string; QoS: 1 }[] = [];
      let needed = 0;
      for (const topic of topics) {
        items.push({ topic, QoS: 1 });
        needed += topic.length + TOPIC_OVERHEAD;
      }
      if (this.#room < needed) return;
      this.#subscription = undefined;
      this.#room = client.write(NOTHING, { operation: SUBSCRIBE, id: packet, items });
    }
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      const { packet, topic, payload, retain } = first;
      const isBegun = this.#written > 0;
      const room = isBegun ? this.#room : this.#room - topic.length;
      if (room < 1) return;
      const end = this.#written + room;
      const part = payload.subarray(this.#written, end);
      this.#room = isBegun
        ? client.write(part)
        : client.write(part, { topic, QoS: 1, id: packet, retain, byteLength: payload.length });
      this.#written = end < payload.length ? end : 0;
      if (this.#written === 0) this.#waiting.shift();
    }
  }
}
