import { type Duplex, Transform, type TransformCallback } from "node:stream";

/** Types of packets (MQTT 3.1.1 §2.2.1), in the high bits of the first byte; of PUBLISH, the bits that say its QoS. */
const PUBLISH = 3;
const QOS = 0b0110;
/** Bytes of the field that says how long a packet is (§2.2.3), of a topic's length, and of a packet's identifier. */
const LENGTH_BYTES = 4;
const TOPIC_LENGTH_BYTES = 2;
const IDENTIFIER_BYTES = 2;

/**
 * Has MQTT.js read no more than `most` bytes of a message's payload: of a longer one the rest is passed over, and it is acknowledged
 * like any other, since a broker would bring it again and again. MQTT.js gathers a packet, of up to 256 MB, before it looks at it; what MQTT
 * 5 has for that a broker may ignore, and MQTT 3.1.1 has nothing. Any other packet of more than `most` bytes ends the connection. For MQTT
 * 3.1.1; to be called before anything is read.
 */
export function limitPackets(stream: Duplex, most: number): void {
  const pipe = stream.pipe.bind(stream);
  const limit = new PacketLimit(most);
  limit.on("error", (error) => stream.destroy(error));
  stream.pipe = (to) => pipe(limit).pipe(to);
}

/** Cuts what is too long out of a stream of packets, which itself is cut anywhere. */
export class PacketLimit extends Transform {
  readonly #most: number;
  /** What came of a packet's head: up to its length, and of a PUBLISH up to its topic's. */
  #head: number[] = [];
  /** Bytes that follow it and are passed on, then bytes that are not. */
  #passing = 0;
  #dropping = 0;

  constructor(most: number) {
    super();
    this.#most = most;
  }

  override _transform(chunk: Buffer, _encoding: string, done: TransformCallback): void {
    /** What stands from here up to `at` is passed on as it is; where the head begins that is being read, if it does so in this chunk. */
    let from = 0;
    let head = -1;
    const passOn = (to: number) => {
      if (to > from) this.push(chunk.subarray(from, to));
    };
    for (let at = 0; at < chunk.length; ) {
      if (this.#passing > 0) {
        const passed = Math.min(this.#passing, chunk.length - at);
        this.#passing -= passed;
        at += passed;
      } else if (this.#dropping > 0) {
        passOn(at);
        const dropped = Math.min(this.#dropping, chunk.length - at);
        this.#dropping -= dropped;
        at += dropped;
        from = at;
      } else {
        if (this.#head.length === 0) head = at;
        this.#head.push(chunk[at++] as number);
        const size = sizeOf(this.#head);
        if (size === undefined) continue;
        const excess = size.payload - this.#most;
        if (excess > 0 && !size.isMessage) {
          done(tooLong(size.length));
          return;
        }
        if (excess > 0 || head < 0) {
          if (head >= 0) passOn(head);
          this.push(Buffer.from(excess > 0 ? shortened(this.#head, size, excess) : this.#head));
          from = at;
        }
        this.#passing = size.rest - Math.max(0, excess);
        this.#dropping = Math.max(0, excess);
        this.#head = [];
        head = -1;
      }
    }
    if (this.#head.length === 0) passOn(chunk.length);
    else if (head >= 0) passOn(head);
    done();
  }
}

interface Size {
  readonly isMessage: boolean;
  /** What the head says of the packet; what of that is still to come; and what of it is payload, or all where there is none. */
  readonly length: number;
  readonly rest: number;
  readonly payload: number;
}

/** Undefined as long as more of the head is wanted. */
function sizeOf(head: readonly number[]): Size | undefined {
  const [type = 0, ...bytes] = head;
  let length = 0;
  for (const [place, byte] of bytes.slice(0, LENGTH_BYTES).entries()) {
    length += (byte & 0x7f) * 0x80 ** place;
    if (byte >= 0x80) continue;
    const variable = bytes.slice(place + 1);
    const isMessage = type >> 4 === PUBLISH && length >= TOPIC_LENGTH_BYTES;
    if (!isMessage) return { isMessage, length, rest: length, payload: length };
    const [high, low] = variable;
    if (high === undefined || low === undefined) return undefined;
    const named = TOPIC_LENGTH_BYTES + 0x100 * high + low + ((type & QOS) > 0 ? IDENTIFIER_BYTES : 0);
    return { isMessage, length, rest: length - TOPIC_LENGTH_BYTES, payload: length - named };
  }
  if (bytes.length < LENGTH_BYTES) return undefined;
  return { isMessage: false, length: Number.POSITIVE_INFINITY, rest: 0, payload: Number.POSITIVE_INFINITY };
}

/** The head of a message of which `excess` bytes are left out. */
function shortened(head: readonly number[], { length }: Size, excess: number): number[] {
  const bytes = [head[0] as number];
  let left = length - excess;
  do {
    bytes.push((left % 0x80) + (left >= 0x80 ? 0x80 : 0));
    left = Math.floor(left / 0x80);
  } while (left > 0);
  return [...bytes, ...head.slice(-TOPIC_LENGTH_BYTES)];
}

/** Without a code MQTT.js tells nobody. */
function tooLong(length: number): Error {
  const what =
    length === Number.POSITIVE_INFINITY ? "a packet without an end" : `a packet of ${length} bytes`;
  return Object.assign(new Error(`the broker sends ${what} that is no message`), { code: "EMSGSIZE" });
}
