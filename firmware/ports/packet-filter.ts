import { MAX_INBOX_BYTES } from "../../agent/settings/broker.js";

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
/** Bytes of a publication's payload, at most … */
export const MAX_PAYLOAD = MAX_INBOX_BYTES;
/** … and of one that is passed over. A longer one ends the session: it would hold frames up for too long. */
export const MAX_PASSED_OVER = 65_535;
/** Publications that are not acknowledged, at most: the client keeps what it could not acknowledge yet. */
export const MAX_PUBLICATIONS = 64;
/** What the client gets in the place of a payload: 0, then how many bytes that had, in two bytes. */
const REPLACEMENT = 3;

/** What the next byte is. */
const FIRST = 0;
const LENGTH = 1;
/** The third byte of it. */
const LENGTH_3 = 3;
const TOPIC_LENGTH = 4;
const TOPIC_LENGTH_2 = 5;
const TOPIC = 6;
const ID = 7;
const ID_2 = 8;
/** Nothing that matters. */
const REST = 9;

/**
 * Looks at a broker's bytes before the SDK's client does, which would make room for a topic of 65,535 bytes, or for answers without end, and so
 * could be brought to fill the machine's memory. The client never comes to an end with a publication without a payload, and a long one would need room:
 * anybody who may write to the topic could cost the board its session, in each session again where such a message is retained. So the client gets
 * a replacement for both, which it acknowledges.
 */
export class PacketFilter {
  failure: Error | undefined;
  /** Code of the last CONNACK; 0: the session was taken. */
  code = 0;
  readonly #topic: string;
  #next = FIRST;
  #first = 0;
  /** Bytes of the packet that are still to come, once its length is known; before that, what of its length is. */
  #left = 0;
  /** Bytes of the topic, or of the packet's identifier, so far. */
  #at = 0;
  /** Of a publication that is replaced; -1: it is not. */
  #payload = -1;
  #unacknowledged = 0;
  #output = new Uint8Array(0);
  #length = 0;

  /** `topic`: the one that is subscribed to, ASCII; without it nothing may be published to this client. */
  constructor(topic = "") {
    this.#topic = topic;
  }

  /** Takes the next bytes, and returns those for the client. What is wrong with one of them `failure` says; nothing after it is taken. */
  pass(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
    // Each replacement is longer than what it replaces by 3 bytes, which take a packet of more.
    this.#output = new Uint8Array(2 * bytes.length + 8);
    this.#length = 0;
    try {
      for (const byte of bytes) this.check(byte);
    } catch (error) {
      this.failure = error as Error;
    }
    const output = this.#output.subarray(0, this.#length);
    this.#output = new Uint8Array(0);
    return output;
  }

  /** The client has acknowledged a publication. */
  acknowledged(): void {
    if (this.#unacknowledged > 0) this.#unacknowledged--;
  }

  /** Throws Error that says what is wrong with the next byte. */
  private check(byte: number): void {
    const next = this.#next;
    if (next === FIRST) this.begin(byte);
    else if (next <= LENGTH_3) this.measure(byte);
    else {
      this.#left--;
      if (next !== REST) this.follow(byte);
      else if (this.#payload < 0) this.emit(byte);
      if (this.#first === CONNACK) this.code = byte;
      if (this.#left === 0) this.#next = FIRST;
    }
  }

  private begin(byte: number): void {
    const isPublication = byte >> 4 === PUBLISH;
    const qos = (byte >> 1) & 3;
    const isAsked = LENGTHS[byte] !== undefined || (this.#topic !== "" && (isPublication || byte === SUBACK));
    if (!isAsked) throw new Error(`the broker sent what it was not asked for: a packet of type ${byte >> 4}`);
    if (isPublication && qos > AT_LEAST_ONCE) throw new Error(`the broker published at QoS ${qos}`);
    if (isPublication && qos > 0 && ++this.#unacknowledged > MAX_PUBLICATIONS)
      throw new Error(`the broker published more than ${MAX_PUBLICATIONS} times and waited for no answer`);
    this.#first = byte;
    this.#left = 0;
    this.#at = 0;
    this.#payload = -1;
    this.#next = LENGTH;
  }

  /** The remaining length (MQTT 3.1.1 §2.2.3), of which three bytes are enough for all that may come. */
  private measure(byte: number): void {
    const place = this.#next - LENGTH;
    const length = this.#left + ((byte & 0x7f) << (7 * place));
    this.#left = length;
    if (byte >= 0x80 && this.#next < LENGTH_3 && this.isPublication()) {
      this.#next++;
      return;
    }
    const [least, most] = this.bounds();
    if (byte >= 0x80 || length < least || length > most)
      throw new Error(`the broker sent a packet of ${byte >= 0x80 ? "too many" : length} bytes`);
    this.emit(this.#first);
    this.emitLength(this.isPublication() ? this.replaced(length - least) + least : length);
    this.#next = this.isPublication() ? TOPIC_LENGTH : REST;
    if (length === 0) this.#next = FIRST;
  }

  private bounds(): readonly [least: number, most: number] {
    const length = this.#first === SUBACK ? SUBACK_LENGTH : LENGTHS[this.#first];
    if (length !== undefined) return [length, length];
    const header = 2 + this.#topic.length + (this.hasId() ? 2 : 0);
    return [header, header + MAX_PASSED_OVER];
  }

  /** Bytes of the payload that the client gets. */
  private replaced(payload: number): number {
    if (payload > 0 && payload <= MAX_PAYLOAD) return payload;
    this.#payload = payload;
    return REPLACEMENT;
  }

  /** A publication's topic and identifier. */
  private follow(byte: number): void {
    const topic = this.#topic;
    this.emit(byte);
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
        if (this.#at < topic.length) break;
        if (this.hasId()) this.#next = ID;
        else this.enterPayload();
        break;
      case ID:
        this.#at = byte;
        this.#next = ID_2;
        break;
      default:
        if (this.#at === 0 && byte === 0) throw new Error("the broker published without an identifier");
        this.enterPayload();
    }
  }

  private enterPayload(): void {
    this.#next = REST;
    if (this.#payload < 0) return;
    this.emit(0);
    this.emit(this.#payload >> 8);
    this.emit(this.#payload & 0xff);
  }

  private emitLength(length: number): void {
    if (length < 0x80) this.emit(length);
    else {
      this.emit(0x80 | (length & 0x7f));
      this.emit(length >> 7);
    }
  }

  private emit(byte: number): void {
    this.#output[this.#length++] = byte;
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

/** How many bytes a publication had that is replaced by this; undefined where it is none. (A sender may write the same: it is nobody's order.) */
export function replacedBytes(message: Uint8Array): number | undefined {
  if (message.length !== REPLACEMENT || message[0] !== 0) return undefined;
  return ((message[1] as number) << 8) | (message[2] as number);
}
