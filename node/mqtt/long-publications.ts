import { Transform } from "node:stream";
import type { MqttClient } from "mqtt";
import { atEachStream } from "./client.js";

const PUBLISH = 3;
const PUBACK = 0x40;
/** Bytes of a packet after its length that MQTT.js may put together. */
const MAX_PACKET = 65_536;
/** Bytes of a remaining length, and of the length of an MQTT 5 packet's properties, at most (MQTT 5 §1.5.5). */
const MAX_LENGTH = 4;

export interface Passing {
  /** ASCII: what is subscribed to. */
  readonly topics: readonly string[];
  readonly isMqtt5: boolean;
  /** One of a topic was passed over, with so many bytes. */
  readonly passedOver: (bytes: number) => void;
}

/**
 * Lets no publication of over 64 KiB come to MQTT.js, which would keep it whole, up to 256 MB: it is passed over as it comes, whole, with what
 * MQTT 5 adds to it, and acknowledged where it was of a topic. For a client that does not connect by itself.
 */
export function passOverLong(client: MqttClient, passing: Passing): void {
  atEachStream(client, (stream) => {
    const acknowledge = (id: Buffer) => stream.write(Buffer.concat([Buffer.of(PUBACK, 2), id]));
    const filter = new LongPublications(passing, acknowledge);
    const pipe = stream.pipe.bind(stream);
    stream.pipe = (to, options) => pipe(filter, options).pipe(to, options);
  });
}

class LongPublications extends Transform {
  readonly #passing: Passing;
  readonly #acknowledge: (id: Buffer) => void;
  /** Of a packet whose length is not known yet. */
  #head = Buffer.alloc(0);
  /** Bytes of the packet that are still to come. */
  #left = 0;
  /** The beginning of a publication that is passed over, as far as it says whose it is. */
  #passed: Buffer | undefined;
  #length = 0;

  constructor(passing: Passing, acknowledge: (id: Buffer) => void) {
    super();
    this.#passing = passing;
    this.#acknowledge = acknowledge;
  }

  override _transform(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    for (let at = 0; at < chunk.length; ) {
      if (this.#left === 0) at += this.#begin(chunk, at);
      else {
        const part = chunk.subarray(at, at + this.#left);
        at += part.length;
        this.#go(part);
      }
    }
    done();
  }

  /** Returns how many bytes it took. */
  #begin(chunk: Buffer, at: number): number {
    const byte = chunk.subarray(at, at + 1);
    const head = Buffer.concat([this.#head, byte]);
    this.#head = head;
    if (head.length === 1 || ((byte[0] as number) >= 0x80 && head.length <= MAX_LENGTH)) return 1;
    this.#head = Buffer.alloc(0);
    this.#left = head.subarray(1).reduce((sum, part, i) => sum + (part & 0x7f) * 128 ** i, 0);
    this.#length = this.#left;
    const isLong = (head[0] as number) >> 4 === PUBLISH && this.#left > MAX_PACKET;
    this.#passed = isLong ? head.subarray(0, 1) : undefined;
    if (!isLong) this.push(head);
    return 1;
  }

  #go(part: Buffer): void {
    this.#left -= part.length;
    if (this.#passed === undefined) {
      this.push(part);
      return;
    }
    const longest = Math.max(...this.#passing.topics.map((topic) => topic.length));
    const most = 1 + 2 + longest + 2 + MAX_LENGTH;
    this.#passed = Buffer.concat([this.#passed, part.subarray(0, most - this.#passed.length)]);
    if (this.#left === 0) this.#end(this.#passed);
  }

  /** `passed`: its first byte, and what came after its length. */
  #end(passed: Buffer): void {
    this.#passed = undefined;
    const { topics, isMqtt5, passedOver } = this.#passing;
    const length = passed.readUInt16BE(1);
    const topic = passed.subarray(3, 3 + length);
    if (!topics.includes(topic.toString("latin1"))) return;
    const qos = ((passed[0] as number) >> 1) & 3;
    const id = passed.subarray(3 + topic.length, 5 + topic.length);
    const header = 2 + topic.length + (qos > 0 ? 2 : 0);
    passedOver(this.#length - header - (isMqtt5 ? propertyBytes(passed, 1 + header) : 0));
    if (qos === 1) this.#acknowledge(id);
  }
}

/** How long an MQTT 5 packet's properties are, with their own length. */
function propertyBytes(bytes: Buffer, at: number): number {
  let length = 0;
  for (let i = 0; i < MAX_LENGTH; i++) {
    const byte = bytes[at + i] ?? 0;
    length += (byte & 0x7f) * 128 ** i;
    if (byte < 0x80) return length + i + 1;
  }
  return length + MAX_LENGTH;
}
