import { CborError, type CborErrorCode } from "./error.js";
import { ARRAY, BYTES, MAP, NEGATIVE, SIMPLE, TAG, TEXT, UNSIGNED } from "./major.js";
import { readUtf8 } from "./utf8.js";

const MAJOR_NAMES = Object.freeze([
  "an unsigned integer",
  "a negative integer",
  "a byte string",
  "a text string",
  "an array",
  "a map",
  "a tag",
  "a simple value or float",
]);

/**
 * A cursor over deterministic CBOR (RFC 8949 §4.2.1). It accepts exactly that encoding and throws CborError
 * for anything else. Nothing is copied: byte strings come back as views of the input.
 */
export class CborReader {
  /** Where the next item starts. */
  offset: number;
  /** The argument of the head last read: a value, a length, a count or a tag number (RFC 8949 §3). */
  #argument = 0;
  #start = 0;
  #end: number;
  /** Byte strings entered and not left. */
  #inside = 0;

  constructor(
    readonly input: Uint8Array,
    offset = 0,
    end = input.length,
  ) {
    this.offset = offset;
    this.#end = end;
  }

  /** Where the input ends; inside a byte string (`enter`), where that ends. */
  get end(): number {
    return this.#end;
  }

  get atEnd(): boolean {
    return this.offset >= this.#end;
  }

  /** The argument of the head that `head` or `expect` read last. */
  get argument(): number {
    return this.#argument;
  }

  /** Where the item read last starts. */
  get itemStart(): number {
    return this.#start;
  }

  /** Major type of the next item, not read yet. */
  peekMajor(): number {
    if (this.offset >= this.#end) this.#truncated(this.offset);
    return (this.input[this.offset] as number) >> 5;
  }

  /** Reads a head; returns its major type and leaves its argument in `argument`. */
  head(): number {
    const { input } = this;
    const end = this.#end;
    const start = this.offset;
    this.#start = start;
    if (start >= end) this.#truncated(start);
    const first = input[start] as number;
    const major = first >> 5;
    const info = first & 0x1f;
    if (major === SIMPLE) this.#refuseSimple(info, start);
    if (info < 24) {
      this.#argument = info;
      this.offset = start + 1;
      return major;
    }
    if (info > 27) {
      if (info === 31 && major >= BYTES && major <= MAP)
        throw new CborError("indefinite-length", start, `${MAJOR_NAMES[major]} of indefinite length`);
      throw new CborError("reserved", start, `additional information ${info} is not in use`);
    }
    const bytes = 1 << (info - 24);
    if (start + 1 + bytes > end) this.#truncated(start);
    let argument: number;
    let least: number;
    if (info === 24) {
      argument = input[start + 1] as number;
      least = 24;
    } else if (info === 25) {
      argument = ((input[start + 1] as number) << 8) | (input[start + 2] as number);
      least = 0x100;
    } else if (info === 26) {
      argument = readUint32(input, start + 1);
      least = 0x10000;
    } else {
      argument = readUint32(input, start + 1) * 0x100000000 + readUint32(input, start + 5);
      least = 0x100000000;
    }
    if (argument < least)
      throw new CborError("non-shortest", start, `${argument} in ${bytes + 1} bytes, where fewer do`);
    // A negative integer is -1 - argument: both ends of the safe range are refused alike.
    if (argument > Number.MAX_SAFE_INTEGER - (major === NEGATIVE ? 1 : 0))
      throw new CborError("integer-range", start, "an integer or length beyond 2^53 - 1");
    this.#argument = argument;
    this.offset = start + 1 + bytes;
    return major;
  }

  /** Reads a head that must be of `major`; returns its argument. */
  expect(major: number): number {
    const found = this.head();
    if (found !== major)
      this.fail("unexpected", `expected ${MAJOR_NAMES[major]}, found ${MAJOR_NAMES[found]}`);
    return this.#argument;
  }

  uint(): number {
    return this.expect(UNSIGNED);
  }

  int(): number {
    const major = this.head();
    if (major === UNSIGNED) return this.#argument;
    if (major !== NEGATIVE) this.fail("unexpected", `expected an integer, found ${MAJOR_NAMES[major]}`);
    return -1 - this.#argument;
  }

  /** A byte string, as a view of the input. */
  bytes(): Uint8Array {
    const length = this.#length(this.expect(BYTES));
    this.offset += length;
    return this.input.subarray(this.offset - length, this.offset);
  }

  /**
   * Enters a byte string that holds CBOR: until `leave` the input ends where it ends. To run past that end is
   * `unexpected`, not `truncated`: no bytes that may still come would mend it. Returns what `leave` wants.
   */
  enter(): number {
    const length = this.#length(this.expect(BYTES));
    const outer = this.#end;
    this.#end = this.offset + length;
    this.#inside++;
    return outer;
  }

  /** Leaves the byte string that `enter` entered. Throws `trailing-bytes` where it goes on after its item. */
  leave(outer: number): void {
    if (this.offset !== this.#end)
      throw new CborError("trailing-bytes", this.offset, "a byte string goes on after the item it holds");
    this.#end = outer;
    this.#inside--;
  }

  text(): string {
    const length = this.#length(this.expect(TEXT));
    const text = readUtf8(this.input, this.offset, this.offset + length);
    if (text === undefined) this.fail("bad-utf8", "a text string that is not UTF-8");
    this.offset += length;
    return text;
  }

  /** An array's head; returns how many items follow. There is at least a byte of input for each. */
  array(): number {
    return this.#length(this.expect(ARRAY));
  }

  /** A map's head; returns how many pairs follow. There are at least two bytes of input for each. */
  map(): number {
    const pairs = this.expect(MAP);
    this.#length(pairs * 2);
    return pairs;
  }

  tag(): number {
    return this.expect(TAG);
  }

  /** Throws unless the input ends here. */
  finish(): void {
    if (this.offset !== this.#end)
      throw new CborError("trailing-bytes", this.offset, `${this.#end - this.offset} bytes after the end`);
  }

  /** Throws for the item read last. */
  fail(code: CborErrorCode, detail: string): never {
    throw new CborError(code, this.#start, detail);
  }

  #length(length: number): number {
    if (length > this.#end - this.offset) this.#truncated(this.#start);
    return length;
  }

  #truncated(at: number): never {
    if (this.#inside > 0)
      throw new CborError("unexpected", at, "a byte string ends inside the item it holds");
    throw new CborError("truncated", at, "the input ends inside an item");
  }

  #refuseSimple(info: number, at: number): never {
    if (info >= 25 && info <= 27) throw new CborError("float", at, "floating point numbers are not used");
    if (info >= 28) throw new CborError("reserved", at, "a break or a reserved value where an item belongs");
    throw new CborError("simple", at, "simple values are not used");
  }
}

function readUint32(input: Uint8Array, at: number): number {
  return (
    (input[at] as number) * 0x1000000 +
    (((input[at + 1] as number) << 16) | ((input[at + 2] as number) << 8) | (input[at + 3] as number))
  );
}
