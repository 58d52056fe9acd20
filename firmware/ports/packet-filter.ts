/** First bytes of the packets that a broker may send to who publishes at QoS 1 (MQTT 3.1.1 §2.2), and their lengths. */
const CONNACK = 0x20;
const PUBACK = 0x40;
const SUBACK = 0x90;
const PINGRESP = 0xd0;
const LENGTHS: { readonly [first: number]: number } = Object.freeze({
  [CONNACK]: 2,
  [PUBACK]: 2,
  [PINGRESP]: 0,
});
/** Of one topic. */
const SUBACK_LENGTH = 3;

const PUBLISH = 3;
const AT_LEAST_ONCE = 1;
/** Bytes of a publication's payload, at most. */
export const MAX_PAYLOAD = 1024;
/** Publications in one session, at most: the client keeps what it could not acknowledge yet. */
export const MAX_PUBLICATIONS = 64;

/** What the next byte is. */
const FIRST = 0;
const LENGTH = 1;
const LENGTH_2 = 2;
const TOPIC_LENGTH = 3;
const TOPIC_LENGTH_2 = 4;
const TOPIC = 5;
const ID = 6;
const ID_2 = 7;
/** Nothing that matters. */
const REST = 8;

/**
 * Looks at a broker's bytes before the SDK's client does, which would make room for a topic of 65,535 bytes, or for answers without end, and so
 * could be brought to fill the machine's memory; and which never comes to an end with a publication without a payload.
 */
export class PacketFilter {
  readonly #topic: string;
  #next = FIRST;
  #first = 0;
  /** Bytes of the packet that are still to come, once its length is known; before that, what of its length is. */
  #left = 0;
  /** Bytes of the topic, or of the packet's identifier, so far. */
  #at = 0;
  #publications = 0;

  /** `topic`: the one that is subscribed to, ASCII; without it nothing may be published to this client. */
  constructor(topic = "") {
    this.#topic = topic;
  }

  /** Throws Error that says what is wrong with the next byte. */
  check(byte: number): void {
    const next = this.#next;
    if (next === FIRST) this.begin(byte);
    else if (next <= LENGTH_2) this.measure(byte);
    else {
      this.#left--;
      if (next !== REST) this.follow(byte);
      if (this.#left === 0) this.#next = FIRST;
    }
  }

  private begin(byte: number): void {
    const isPublication = byte >> 4 === PUBLISH;
    const qos = (byte >> 1) & 3;
    const isAsked = LENGTHS[byte] !== undefined || (this.#topic !== "" && (isPublication || byte === SUBACK));
    if (!isAsked) throw new Error(`the broker sent what it was not asked for: a packet of type ${byte >> 4}`);
    if (isPublication && qos > AT_LEAST_ONCE) throw new Error(`the broker published at QoS ${qos}`);
    if (isPublication && ++this.#publications > MAX_PUBLICATIONS)
      throw new Error(`the broker published more than ${MAX_PUBLICATIONS} times`);
    this.#first = byte;
    this.#left = 0;
    this.#at = 0;
    this.#next = LENGTH;
  }

  /** The remaining length (MQTT 3.1.1 §2.2.3), of which two bytes are enough for all that may come. */
  private measure(byte: number): void {
    const length = this.#next === LENGTH ? byte & 0x7f : this.#left + (byte & 0x7f) * 128;
    this.#left = length;
    if (byte >= 0x80 && this.#next === LENGTH && this.isPublication()) {
      this.#next = LENGTH_2;
      return;
    }
    const [least, most] = this.bounds();
    if (byte >= 0x80 || length < least || length > most)
      throw new Error(`the broker sent a packet of ${byte >= 0x80 ? "too many" : length} bytes`);
    this.#next = this.isPublication() ? TOPIC_LENGTH : REST;
    if (length === 0) this.#next = FIRST;
  }

  private bounds(): readonly [least: number, most: number] {
    const length = this.#first === SUBACK ? SUBACK_LENGTH : LENGTHS[this.#first];
    if (length !== undefined) return [length, length];
    const header = 2 + this.#topic.length + (this.hasId() ? 2 : 0);
    return [header + 1, header + MAX_PAYLOAD];
  }

  /** A publication's topic and identifier. */
  private follow(byte: number): void {
    const topic = this.#topic;
    switch (this.#next) {
      case TOPIC_LENGTH:
        if (byte !== topic.length >> 8) this.refuseTopic();
        this.#next = TOPIC_LENGTH_2;
        break;
      case TOPIC_LENGTH_2:
        if (byte !== (topic.length & 0xff)) this.refuseTopic();
        this.#next = TOPIC;
        break;
      case TOPIC:
        if (byte !== topic.charCodeAt(this.#at++)) this.refuseTopic();
        if (this.#at === topic.length) this.#next = this.hasId() ? ID : REST;
        break;
      case ID:
        this.#at = byte;
        this.#next = ID_2;
        break;
      default:
        if (this.#at === 0 && byte === 0) throw new Error("the broker published without an identifier");
        this.#next = REST;
    }
  }

  private refuseTopic(): never {
    throw new Error("the broker published what was not subscribed to");
  }

  private isPublication(): boolean {
    return this.#first >> 4 === PUBLISH;
  }

  private hasId(): boolean {
    return (this.#first & 0x06) !== 0;
  }
}
