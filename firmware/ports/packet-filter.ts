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
/** But for a byte for each topic. */
const SUBACK_LENGTH = 2;

const PUBLISH = 3;
const AT_LEAST_ONCE = 1;
/** Bytes of a publication's payload, at most; a longer one is passed over. */
export const MAX_PAYLOAD = MAX_INBOX_BYTES;
/** Publications that wait for the client's acknowledgement, at most: the client keeps what it could not acknowledge yet. */
export const MAX_PUBLICATIONS = 64;
/** What the client gets in the place of a payload: 0, then how many bytes that had, in four bytes. */
const REPLACEMENT = 5;

/** What the next byte is. */
const FIRST = 0;
const LENGTH = 1;
/** The fourth byte of it. */
const LENGTH_4 = 4;
/** Of a packet that is none of the broker's publications. */
const BODY = 5;
const TOPIC_LENGTH = 6;
const TOPIC_LENGTH_2 = 7;
const TOPIC = 8;
const ID = 9;
const ID_2 = 10;
/** Of a payload that the client gets. */
const PAYLOAD = 11;
/** Of a publication that it does not get. */
const PASSED_OVER = 12;

/**
 * Looks at a broker's bytes before the SDK's client does, which would make room for a topic of 65,535 bytes, or for answers without end, and so
 * could be brought to fill the machine's memory. The client never comes to an end with a publication without a payload, and a long one would need
 * room: anybody who may write to the topic could cost the board its session, in each session again where such a message is retained. So a publication
 * of any length and form that is not for the client is passed over, and takes no room here. Where it is of the topic, the client gets a replacement
 * when it is over, which it acknowledges. Only bytes of which nobody knows where they end are a failure, and packets that no publication is.
 */
export class PacketFilter {
  failure: Error | undefined;
  /** Code of the last CONNACK; 0: the session was taken. */
  code = 0;
  readonly #topics: readonly string[];
  /** That of the publication, as far as it came. */
  #topic = "";
  #next = FIRST;
  #first = 0;
  /** Bytes of the packet that are still to come, once its length is known; before that, what of its length is. */
  #left = 0;
  /** Bytes of the topic so far. */
  #at = 0;
  /** Bytes that the packet says its topic has. */
  #topicLength = 0;
  /** The topic is one that is subscribed to, as far as it came. */
  #isOwn = false;
  #id = 0;
  /** Bytes of the payload of the topic's publication that is passed over. */
  #payload = 0;
  #unacknowledged = 0;
  #output = new Uint8Array(0);
  #length = 0;

  /** `topics`: those that are subscribed to, ASCII; without any nothing may be published to this client. */
  constructor(topics: readonly string[] = []) {
    this.#topics = topics;
  }

  /** In the middle of a publication that the client does not get. */
  get isPassingOver(): boolean {
    return this.#next === PASSED_OVER;
  }

  /** Takes the next bytes, and returns those for the client. What is wrong with one of them `failure` says; nothing after it is taken. */
  pass(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
    // A replacement is longer than what it replaces by as many bytes, which take a packet of more; the header of the first packet may have come before.
    let longest = 0;
    for (const { length } of this.#topics) if (length > longest) longest = length;
    this.#output = new Uint8Array(2 * bytes.length + longest + 16);
    this.#length = 0;
    try {
      for (let i = 0; i < bytes.length; ) {
        if (this.#next >= PAYLOAD) i += this.run(bytes, i);
        else this.check(bytes[i++] as number);
      }
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

  /** Takes what is there of the rest of a publication, at once. Returns how many bytes that is. */
  private run(bytes: Uint8Array, at: number): number {
    const there = bytes.length - at;
    const count = this.#left < there ? this.#left : there;
    if (this.#next === PAYLOAD) {
      this.#output.set(bytes.subarray(at, at + count), this.#length);
      this.#length += count;
    }
    this.#left -= count;
    if (this.#left === 0) this.end();
    return count;
  }

  /** Throws Error that says what is wrong with the next byte. */
  private check(byte: number): void {
    const next = this.#next;
    if (next === FIRST) this.begin(byte);
    else if (next <= LENGTH_4) this.measure(byte);
    else {
      this.#left--;
      if (next === BODY) this.emit(byte);
      else this.follow(byte);
      if (this.#first === CONNACK) this.code = byte;
      if (this.#left === 0) this.end();
    }
  }

  private begin(byte: number): void {
    const isPublication = byte >> 4 === PUBLISH;
    const isAsked =
      LENGTHS[byte] !== undefined || (this.#topics.length > 0 && (isPublication || byte === SUBACK));
    if (!isAsked) throw new Error(`the broker sent what it was not asked for: a packet of type ${byte >> 4}`);
    this.#first = byte;
    this.#left = 0;
    this.#at = 0;
    this.#isOwn = false;
    this.#id = 0;
    this.#payload = 0;
    this.#next = LENGTH;
  }

  /** The remaining length (MQTT 3.1.1 §2.2.3). */
  private measure(byte: number): void {
    const place = this.#next - LENGTH;
    const length = this.#left + ((byte & 0x7f) << (7 * place));
    const isMore = byte >= 0x80;
    const isPublication = this.isPublication();
    this.#left = length;
    if (isMore && isPublication && this.#next < LENGTH_4) {
      this.#next++;
      return;
    }
    const expected = this.#first === SUBACK ? SUBACK_LENGTH + this.#topics.length : LENGTHS[this.#first];
    if (isMore || (!isPublication && length !== expected))
      throw new Error(`the broker sent a packet of ${isMore ? "too many" : length} bytes`);
    this.#next = isPublication ? TOPIC_LENGTH : BODY;
    if (!isPublication) {
      this.emit(this.#first);
      this.emit(length);
    }
    if (length === 0) this.end();
  }

  /** A publication's topic and identifier. */
  private follow(byte: number): void {
    switch (this.#next) {
      case TOPIC_LENGTH:
        this.#topicLength = byte << 8;
        this.#next = TOPIC_LENGTH_2;
        break;
      case TOPIC_LENGTH_2:
        this.#topicLength |= byte;
        this.#topic = "";
        this.#isOwn = this.choose((topic) => topic.length === this.#topicLength);
        this.#next = this.#isOwn ? TOPIC : PASSED_OVER;
        break;
      case TOPIC:
        if (!this.agrees(byte)) {
          this.#isOwn = false;
          this.#next = PASSED_OVER;
        } else if (++this.#at === this.#topicLength) {
          if (this.qos() === AT_LEAST_ONCE) this.#next = ID;
          else this.enterPayload();
        }
        break;
      case ID:
        this.#id = byte << 8;
        this.#next = ID_2;
        break;
      default:
        this.#id |= byte;
        this.enterPayload();
    }
  }

  /** Whether the next byte of the topic is that of a topic which begins as this one does. */
  private agrees(byte: number): boolean {
    const at = this.#at;
    const length = this.#topicLength;
    if (this.#topic.charCodeAt(at) === byte) return true;
    const start = this.#topic.slice(0, at);
    return this.choose(
      (topic) => topic.length === length && topic.startsWith(start) && topic.charCodeAt(at) === byte,
    );
  }

  private choose(isIt: (topic: string) => boolean): boolean {
    const found = this.#topics.find(isIt);
    if (found !== undefined) this.#topic = found;
    return found !== undefined;
  }

  private enterPayload(): void {
    const payload = this.#left;
    this.#payload = payload;
    this.#next = PASSED_OVER;
    if (payload === 0 || payload > MAX_PAYLOAD || !this.isAnswerable()) return;
    this.emitHeader(payload);
    this.#next = PAYLOAD;
  }

  /** The packet is over, wherever in it the broker was. */
  private end(): void {
    const isReplaced = this.#next === PASSED_OVER && this.#isOwn && this.isAnswerable();
    this.#next = FIRST;
    if (!isReplaced) return;
    const payload = this.#payload;
    this.emitHeader(REPLACEMENT);
    this.emit(0);
    for (let shift = 24; shift >= 0; shift -= 8) this.emit((payload >> shift) & 0xff);
  }

  /** Whether the client can be given it, or a replacement. One that is not acknowledged the broker sends again, or does not miss. */
  private isAnswerable(): boolean {
    const qos = this.qos();
    return qos === 0 || (qos === AT_LEAST_ONCE && this.#id !== 0 && this.#unacknowledged < MAX_PUBLICATIONS);
  }

  /** Of a publication of the topic, to the client. */
  private emitHeader(payload: number): void {
    const topic = this.#topic;
    const hasId = this.qos() === AT_LEAST_ONCE;
    this.emit((PUBLISH << 4) | (hasId ? AT_LEAST_ONCE << 1 : 0));
    this.emitLength(2 + topic.length + (hasId ? 2 : 0) + payload);
    this.emit(topic.length >> 8);
    this.emit(topic.length & 0xff);
    for (let i = 0; i < topic.length; i++) this.emit(topic.charCodeAt(i));
    if (!hasId) return;
    this.#unacknowledged++;
    this.emit(this.#id >> 8);
    this.emit(this.#id & 0xff);
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

  private isPublication(): boolean {
    return this.#first >> 4 === PUBLISH;
  }

  private qos(): number {
    return (this.#first >> 1) & 3;
  }
}

/** How many bytes a publication had that is replaced by this; undefined where it is none. (A sender may write the same: it is nobody's order.) */
export function replacedBytes(message: Uint8Array): number | undefined {
  if (message.length !== REPLACEMENT || message[0] !== 0) return undefined;
  return message.subarray(1).reduce((bytes, byte) => bytes * 256 + byte, 0);
}
