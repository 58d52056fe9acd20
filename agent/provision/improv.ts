/**
 * Improv Serial, version 1 (https://www.improv-wifi.com/serial/): the packets, for boards and for tools.
 *
 *   49 4d 50 52 4f 56   IMPROV
 *   01                  version
 *   TT                  type
 *   LL                  bytes of data
 *   …                   data
 *   CC                  sum of all bytes before it, its low byte
 *
 * A line feed follows each packet. A packet that a board sends has one before it, too: log output shares the wire, and clients skip
 * whatever stands on a line that does not begin with a packet.
 */
import { utf8Length, writeUtf8 } from "../cbor/utf8.js";

export const CURRENT_STATE = 1;
export const ERROR_STATE = 2;
export const RPC_COMMAND = 3;
export const RPC_RESULT = 4;
export type PacketType = 1 | 2 | 3 | 4;

export const STATE_READY = 2;
export const STATE_PROVISIONING = 3;
export const STATE_PROVISIONED = 4;

export const NO_ERROR = 0;
export const INVALID_PACKET = 1;
export const UNKNOWN_COMMAND = 2;
export const UNABLE_TO_CONNECT = 3;
export const BAD_HOSTNAME = 5;
export const UNKNOWN_ERROR = 0xff;

export const WIFI_SETTINGS = 1;
export const REQUEST_STATE = 2;
export const DEVICE_INFO = 3;
export const SCAN = 4;
export const HOSTNAME = 5;
export const DEVICE_NAME = 6;

const HEADER = Uint8Array.of(0x49, 0x4d, 0x50, 0x52, 0x4f, 0x56, 1);
const TYPE_AT = 7;
const LENGTH_AT = 8;
const DATA_AT = 9;
const MAX_DATA = 255;
const LINE_FEED = 0x0a;
/** The longest packet, with a line feed before it and one after. */
export const MAX_PACKET_BYTES = 1 + DATA_AT + MAX_DATA + 1 + 1;
/** Bytes of data in an RPC command or result, at most: two less than a packet's, for its number and length. */
export const MAX_RPC_BYTES = MAX_DATA - 2;

/** Writes packets, one at a time, into one buffer that is made once. */
export class PacketWriter {
  readonly #buffer = new Uint8Array(MAX_PACKET_BYTES);
  #end = 0;

  constructor() {
    this.#buffer[0] = LINE_FEED;
    this.#buffer.set(HEADER, 1);
  }

  begin(type: PacketType): void {
    this.#buffer[1 + TYPE_AT] = type;
    this.#end = 1 + DATA_AT;
  }

  /** Begins the result of an RPC command, a list of strings. */
  beginResult(command: number): void {
    this.begin(RPC_RESULT);
    this.byte(command);
    this.byte(0); // its length, once that is known
  }

  /** Throws RangeError where the packet is full. */
  byte(value: number): void {
    this.room(1);
    this.#buffer[this.#end++] = value;
  }

  bytes(data: Uint8Array): void {
    this.room(data.length);
    this.#buffer.set(data, this.#end);
    this.#end += data.length;
  }

  /** One string of a result: its length, then UTF-8. */
  text(text: string): void {
    const length = utf8Length(text);
    this.room(1 + length);
    this.#buffer[this.#end++] = length;
    this.#end = writeUtf8(text, this.#buffer, this.#end);
  }

  /**
   * The packet with its line feeds, as a view that is good until the next `begin`.
   *
   * The JavaScript client takes a length of 10 for a line feed and drops the packet. A result of that length gets an empty string more.
   */
  finish(): Uint8Array {
    const buffer = this.#buffer;
    const isResult = buffer[1 + TYPE_AT] === RPC_RESULT;
    if (isResult && this.#end - (1 + DATA_AT) === LINE_FEED) this.byte(0);
    const length = this.#end - (1 + DATA_AT);
    buffer[1 + LENGTH_AT] = length;
    if (isResult) buffer[1 + DATA_AT + 1] = length - 2;
    buffer[this.#end] = checksum(buffer, 1, this.#end);
    buffer[this.#end + 1] = LINE_FEED;
    return buffer.subarray(0, this.#end + 2);
  }

  private room(bytes: number): void {
    if (this.#end + bytes > 1 + DATA_AT + MAX_DATA)
      throw new RangeError(`a packet has at most ${MAX_DATA} bytes of data`);
  }
}

export interface PacketHandler {
  /** A packet of any type. `data` is the reader's, and good during the call only. */
  packet(type: number, data: Uint8Array): void;
  /** A packet whose checksum is wrong. Its type may be, too. */
  damaged(type: number): void;
}

/**
 * Finds packets among whatever else is on the wire. Where a packet is damaged, or its end never comes, what was taken for part of it is
 * looked through again: a packet that follows a broken one is not lost.
 */
export class PacketReader {
  readonly #handler: PacketHandler;
  /** What has come of a packet: its beginning fits as far as it goes. */
  readonly #buffer = new Uint8Array(DATA_AT + MAX_DATA + 1);
  #count = 0;

  constructor(handler: PacketHandler) {
    this.#handler = handler;
  }

  /** Whether a packet has begun and not ended. */
  get isInside(): boolean {
    return this.#count > 0;
  }

  received(data: Uint8Array): void {
    const buffer = this.#buffer;
    for (let i = 0; i < data.length; i++) {
      const byte = data[i] as number;
      const at = this.#count;
      if (at === 0 && byte !== HEADER[0]) continue;
      buffer[at] = byte;
      this.#count = at + 1;
      if (at >= HEADER.length ? at >= LENGTH_AT : byte !== HEADER[at]) this.settle();
    }
  }

  /** The rest of a packet that has begun does not come: what of it may be another one's beginning is kept. */
  giveUp(): void {
    if (this.#count === 0) return;
    this.drop(1);
    this.settle();
  }

  /** Takes whole packets from the buffer's start, and leaves there what may become one. */
  private settle(): void {
    const buffer = this.#buffer;
    while (this.#count > 0) {
      if (!this.fits()) {
        this.drop(1);
        continue;
      }
      if (this.#count <= LENGTH_AT) return;
      const end = DATA_AT + (buffer[LENGTH_AT] as number);
      if (this.#count <= end) return;
      const type = buffer[TYPE_AT] as number;
      if (checksum(buffer, 0, end) === buffer[end]) {
        this.#handler.packet(type, buffer.subarray(DATA_AT, end));
        this.drop(end + 1);
      } else {
        this.#handler.damaged(type);
        this.drop(1);
      }
    }
  }

  private fits(): boolean {
    const known = this.#count < HEADER.length ? this.#count : HEADER.length;
    for (let i = 0; i < known; i++) if (this.#buffer[i] !== HEADER[i]) return false;
    return true;
  }

  private drop(bytes: number): void {
    this.#buffer.copyWithin(0, bytes, this.#count);
    this.#count -= bytes;
  }
}

/** The strings of a result, as views of its data; undefined where they do not fill it. `data`: a RPC_RESULT packet's. */
export function resultStrings(data: Uint8Array): Uint8Array[] | undefined {
  const end = 2 + (data[1] ?? 0);
  if (data.length < 2 || end > data.length) return undefined; // more may follow: some devices add a checksum
  const strings: Uint8Array[] = [];
  for (let at = 2; at < end; ) {
    const length = data[at] as number;
    if (at + 1 + length > end) return undefined;
    strings.push(data.subarray(at + 1, at + 1 + length));
    at += 1 + length;
  }
  return strings;
}

function checksum(bytes: Uint8Array, start: number, end: number): number {
  let sum = 0;
  for (let i = start; i < end; i++) sum += bytes[i] as number;
  return sum & 0xff;
}
