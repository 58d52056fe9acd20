import { CborError } from "./error.js";
import { ARRAY, BYTES, MAP, NEGATIVE, TAG, TAG_DECIMAL, TEXT, UNSIGNED } from "./major.js";
import { utf8Length, writeUtf8 } from "./utf8.js";

/**
 * Writes deterministic CBOR (RFC 8949 §4.2.1) into the caller's buffer: shortest heads, definite lengths.
 * Nothing is allocated per item, so that a board's collector has nothing to do.
 *
 * Map keys go out in the order they are written; the caller writes them in bytewise order of their encoding
 * (0, 1, 2 … then -1, -2 …), and the strict reader refuses them otherwise.
 *
 * Every method throws CborError `buffer-full` rather than write past the end, and `integer-range` for what
 * is not a safe integer.
 */
export class CborWriter {
  /** Where the next byte goes. May be set, to go back. */
  offset: number;

  constructor(
    readonly buffer: Uint8Array,
    offset = 0,
  ) {
    this.offset = offset;
  }

  int(value: number): void {
    // -2^53 is not safe, but the argument that would stand for it, 2^53 - 1, is.
    if (!Number.isSafeInteger(value)) this.#refuse(value);
    if (value < 0) this.#head(NEGATIVE, -1 - value);
    else this.#head(UNSIGNED, value);
  }

  /**
   * `mantissa` × 10^`exponent`, in its one encoding: an integer where it is one, else tag 4 with the
   * shortest mantissa. `exponent` must be 0 or negative.
   */
  decimal(mantissa: number, exponent: number): void {
    while (exponent < 0 && mantissa % 10 === 0) {
      mantissa /= 10;
      exponent = mantissa === 0 ? 0 : exponent + 1;
    }
    if (exponent !== 0) {
      this.#head(TAG, TAG_DECIMAL);
      this.#head(ARRAY, 2);
      this.int(exponent);
    }
    this.int(mantissa);
  }

  text(value: string): void {
    const length = utf8Length(value);
    this.#head(TEXT, length);
    this.reserve(length);
    writeUtf8(value, this.buffer, this.offset - length);
  }

  bytes(value: Uint8Array): void {
    this.bytesHead(value.length);
    this.reserve(value.length);
    this.buffer.set(value, this.offset - value.length);
  }

  /** The head of a byte string of `length` bytes; the caller then fills them in. */
  bytesHead(length: number): void {
    this.#head(BYTES, length);
  }

  array(items: number): void {
    this.#head(ARRAY, items);
  }

  map(pairs: number): void {
    this.#head(MAP, pairs);
  }

  tag(tag: number): void {
    this.#head(TAG, tag);
  }

  /** Moves on by `bytes`, which the caller fills in. */
  reserve(bytes: number): void {
    this.#room(bytes);
    this.offset += bytes;
  }

  #room(bytes: number): void {
    if (this.offset + bytes > this.buffer.length)
      throw new CborError("buffer-full", this.offset, `needs ${bytes} bytes more than the buffer has`);
  }

  #refuse(value: number): never {
    throw new CborError("integer-range", this.offset, `${value} is not an integer between -2^53 and 2^53`);
  }

  #head(major: number, argument: number): void {
    if (!Number.isSafeInteger(argument)) this.#refuse(argument);
    const { buffer } = this;
    const first = major << 5;
    let at = this.offset;
    if (argument < 24) {
      this.#room(1);
      buffer[at++] = first | argument;
    } else if (argument < 0x100) {
      this.#room(2);
      buffer[at++] = first | 24;
      buffer[at++] = argument;
    } else if (argument < 0x10000) {
      this.#room(3);
      buffer[at++] = first | 25;
      buffer[at++] = argument >> 8;
      buffer[at++] = argument & 0xff;
    } else if (argument < 0x100000000) {
      this.#room(5);
      buffer[at++] = first | 26;
      at = writeUint32(buffer, at, argument);
    } else {
      this.#room(9);
      buffer[at++] = first | 27;
      at = writeUint32(buffer, at, Math.floor(argument / 0x100000000));
      at = writeUint32(buffer, at, argument % 0x100000000);
    }
    this.offset = at;
  }
}

function writeUint32(buffer: Uint8Array, at: number, value: number): number {
  buffer[at] = value >>> 24;
  buffer[at + 1] = (value >>> 16) & 0xff;
  buffer[at + 2] = (value >>> 8) & 0xff;
  buffer[at + 3] = value & 0xff;
  return at + 4;
}
