import { CborError } from "./error.js";
import { ARRAY, BYTES, MAP, NEGATIVE, TAG, TAG_DECIMAL, TEXT, UNSIGNED } from "./major.js";
import { utf8Length, writeUtf8 } from "./utf8.js";

/** The largest argument of a head that an integer of JavaScript holds exactly. */
const MAX_ARGUMENT = 2 ** 53 - 1;

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
  /** Reading a typed array's length costs XS more than writing a byte. */
  readonly #end: number;

  /** Writes from `offset` up to `end`. */
  constructor(
    readonly buffer: Uint8Array,
    offset = 0,
    end = buffer.length,
  ) {
    this.offset = offset;
    this.#end = end;
  }

  int(value: number): void {
    if ((value & 31) === value && value < 24) this.byte(value);
    else if (value >= 0) this.head(UNSIGNED, value);
    else {
      // -2^53 is not safe, but the argument that would stand for it, 2^53 - 1, is.
      if (!(value >= -MAX_ARGUMENT)) this.refuse(UNSIGNED, value);
      this.head(NEGATIVE, -1 - value);
    }
  }

  /**
   * `mantissa` × 10^`exponent`, in its one encoding: an integer where it is one, else tag 4 with the
   * shortest mantissa. `exponent`: -24 to 0.
   */
  decimal(mantissa: number, exponent: number): void {
    while (exponent < 0 && mantissa % 10 === 0) {
      mantissa /= 10;
      exponent = mantissa === 0 ? 0 : exponent + 1;
    }
    if (exponent !== 0) {
      if (!(exponent < 0 && exponent >= -24)) this.refuse(UNSIGNED, exponent);
      const at = this.offset;
      this.reserve(3);
      const { buffer } = this;
      buffer[at] = (TAG << 5) | TAG_DECIMAL;
      buffer[at + 1] = (ARRAY << 5) | 2;
      buffer[at + 2] = (NEGATIVE << 5) | (-1 - exponent);
    }
    this.int(mantissa);
  }

  text(value: string): void {
    const length = utf8Length(value);
    this.head(TEXT, length);
    this.reserve(length);
    writeUtf8(value, this.buffer, this.offset - length);
  }

  bytes(value: Uint8Array): void {
    const { length } = value;
    this.head(BYTES, length);
    this.reserve(length);
    this.buffer.set(value, this.offset - length);
  }

  /** The head of a byte string of `length` bytes; the caller then fills them in. */
  bytesHead(length: number): void {
    this.head(BYTES, length);
  }

  array(items: number): void {
    this.head(ARRAY, items);
  }

  map(pairs: number): void {
    this.head(MAP, pairs);
  }

  tag(tag: number): void {
    this.head(TAG, tag);
  }

  /** Moves on by `bytes`, which the caller fills in. */
  reserve(bytes: number): void {
    this.offset += bytes;
    if (this.offset > this.#end) this.full(bytes);
  }

  /** Writes again what stands in the buffer from `start` to `end`. */
  repeat(start: number, end: number): void {
    const at = this.offset;
    this.reserve(end - start);
    this.buffer.copyWithin(at, start, end);
  }

  // TypeScript's `private` where it is a method: on XS a #method costs every instance a slot.

  /**
   * Each step here costs a board as much as writing a byte. So few bytes go the short way, in which `&` also finds what is
   * no integer; and nothing is looked up among the globals, a long list on XS.
   */
  private head(major: number, argument: number): void {
    if ((argument & 0xffff) === argument) {
      if (argument < 24) {
        this.byte((major << 5) | argument);
        return;
      }
      const at = this.offset;
      const { buffer } = this;
      if (argument < 0x100) {
        this.reserve(2);
        buffer[at] = (major << 5) | 24;
        buffer[at + 1] = argument;
        return;
      }
      this.reserve(3);
      buffer[at] = (major << 5) | 25;
      buffer[at + 1] = argument >> 8;
      buffer[at + 2] = argument & 0xff;
      return;
    }
    if (argument % 1 !== 0 || argument > MAX_ARGUMENT || argument < 0) this.refuse(major, argument);
    const bytes = argument < 0x100000000 ? 4 : 8;
    const at = this.offset;
    this.reserve(1 + bytes);
    const { buffer } = this;
    buffer[at] = (major << 5) | (bytes === 4 ? 26 : 27);
    let rest = argument;
    for (let i = at + bytes; i > at; i--) {
      const byte = rest % 0x100;
      buffer[i] = byte;
      rest = (rest - byte) / 0x100;
    }
  }

  private byte(value: number): void {
    const at = this.offset++;
    if (at >= this.#end) this.full(1);
    this.buffer[at] = value;
  }

  /** `offset` has been moved on by `bytes`, and is moved back. */
  private full(bytes: number): never {
    this.offset -= bytes;
    throw new CborError("buffer-full", this.offset, `needs ${bytes} bytes more than the buffer has`);
  }

  private refuse(major: number, argument: number): never {
    const value = major === NEGATIVE ? -1 - argument : argument;
    throw new CborError("integer-range", this.offset, `${value} is not an integer between -2^53 and 2^53`);
  }
}
