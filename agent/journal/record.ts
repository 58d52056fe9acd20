import type { Flash } from "../ports/flash.js";
import type { Hasher } from "../ports/signer.js";

/**
 * A record of the journal: a head of 16 bytes, a body, and 0xff up to a whole piece of flash. The head, little-endian:
 * kind (1 byte), its complement (1), length of the body (2), check (4), and two numbers (4 each) that the kind gives a meaning.
 * Programming only clears bits, so a kind and its complement agree only where both were programmed wholly.
 */
export const HEAD_BYTES = 16;

/** The sector is part of the log; see state.ts. The first record of each sector. */
export const SECTOR = 0x53;
/** Says nothing but that what stands before it is whole. */
export const SEAL = 0x4c;
/** A frame; the numbers are its boot and its sequence, and its id goes into the check. */
export const FRAME = 0x46;
/** What was pending, and lost, at this point; see state.ts. */
export const STATE = 0x41;
/**
 * A boot begins to write. What stands from the offset in the first number up to here is void; the next frame's id is the second
 * number. The body says which frame is the newest; see state.ts.
 */
export const RESUME = 0x52;

const { imul } = Math;

/** Reads, checks and writes records through one buffer. */
export class Records {
  /** Of the record that was read last. */
  kind = 0;
  length = 0;
  first = 0;
  second = 0;
  id = 0;
  /** Bytes read from the flash. */
  bytesRead = 0;
  /** SHA-256 of the body that was read or written last. */
  readonly digest = new Uint8Array(32);
  readonly flash: Flash;
  readonly #hasher: Hasher;
  readonly #buffer: Uint8Array;
  readonly #head: Uint8Array;
  #check = 0;
  /** Where the record stands that the buffer holds, whole and checked; -1 where it holds none. */
  #held = -1;

  /** `bodyBytes`: the longest body. */
  constructor(flash: Flash, hasher: Hasher, bodyBytes: number) {
    this.flash = flash;
    this.#hasher = hasher;
    this.#buffer = new Uint8Array(this.size(bodyBytes));
    this.#head = this.#buffer.subarray(0, HEAD_BYTES);
  }

  /** Bytes of flash that a record with a body of `length` takes. */
  size(length: number): number {
    const piece = this.flash.programBytes;
    const bytes = HEAD_BYTES + length;
    return bytes + ((piece - (bytes % piece)) % piece);
  }

  /** The body that was read last, as a view that is good until the next read or write. */
  get body(): Uint8Array {
    return this.#buffer.subarray(HEAD_BYTES, HEAD_BYTES + this.length);
  }

  /** Where a body of `length` may be put together before `write` is given it. */
  room(length: number): Uint8Array {
    this.#held = -1;
    return this.#buffer.subarray(HEAD_BYTES, HEAD_BYTES + length);
  }

  /** Bytes of flash that the longest record takes. */
  get longest(): number {
    return this.#buffer.length;
  }

  /**
   * Reads the record at `address`, which ends before `limit`. Whether there is a whole one; a frame is one where it has `id`, or one of the
   * `ids` that follow. `id` is then the frame's.
   */
  read(address: number, limit: number, id = 0, ids = 1): boolean {
    if (!this.readHead(address, limit)) return false;
    const body = this.body;
    if (this.length > 0) this.flash.read(address + HEAD_BYTES, body);
    this.bytesRead += this.length;
    this.#hasher.sha256(body, this.digest, 0);
    const { digest, first, second } = this;
    this.id = id;
    if (this.kind !== FRAME) return this.#check === checkOf(digest, first, second, 0);
    for (; ids > 0; ids--, this.id++)
      if (this.#check === checkOf(digest, first, second, this.id)) {
        this.#held = address;
        return true;
      }
    return false;
  }

  /** Whether the frame `id` at `address` was read, or written, last: it need not be read again. */
  holds(address: number, id: number): boolean {
    return this.#held === address && this.id === id;
  }

  /** Reads no more than the head: whether it looks like one. The body may be anything. */
  readHead(address: number, limit: number): boolean {
    this.#held = -1;
    if (address + HEAD_BYTES > limit) return false;
    const head = this.#head;
    this.flash.read(address, head);
    this.bytesRead += HEAD_BYTES;
    this.kind = head[0] as number;
    if (!isKind(head, 0)) return false;
    this.length = (head[2] as number) | ((head[3] as number) << 8);
    this.#check = uint32(head, 4);
    this.first = uint32(head, 8);
    this.second = uint32(head, 12);
    return this.length <= this.#buffer.length - HEAD_BYTES && address + HEAD_BYTES + this.length <= limit;
  }

  /** The next offset from `address` on at which a record may stand, or `limit`. */
  seek(address: number, limit: number): number {
    const piece = this.flash.programBytes;
    const buffer = this.#buffer;
    this.#held = -1;
    for (let at = address; at < limit; ) {
      // One byte more than is stepped over: a kind is known by two.
      const view = limit - at < buffer.length ? buffer.subarray(0, limit - at) : buffer;
      this.flash.read(at, view);
      this.bytesRead += view.length;
      let i = 0;
      for (; i + 1 < view.length; i += piece) if (isKind(view, i)) return at + i;
      at += i;
      if (view.length < 2) break;
    }
    return limit;
  }

  /**
   * Programs a record and reads it again: whether it is there. `body` may be a view of `room`. `id`, `digest`: of a frame, and its
   * SHA-256. Throws what the flash throws.
   */
  write(
    address: number,
    kind: number,
    first: number,
    second: number,
    body: Uint8Array = this.room(0),
    id = 0,
    digest?: Uint8Array,
  ): boolean {
    const buffer = this.#buffer;
    const { length } = body;
    const size = this.size(length);
    this.#held = -1;
    buffer.set(body, HEAD_BYTES);
    if (digest !== undefined) this.digest.set(digest);
    else this.#hasher.sha256(this.room(length), this.digest, 0);
    buffer.fill(0xff, HEAD_BYTES + length, size);
    buffer[0] = kind;
    buffer[1] = kind ^ 0xff;
    buffer[2] = length;
    buffer[3] = length >> 8;
    const check = checkOf(this.digest, first, second, id);
    setUint32(buffer, 4, check);
    setUint32(buffer, 8, first);
    setUint32(buffer, 12, second);
    this.flash.program(address, buffer.subarray(0, size));
    return (
      this.read(address, address + size, id) &&
      this.#check === check &&
      this.kind === kind &&
      this.length === length &&
      this.first === first &&
      this.second === second
    );
  }
}

function isKind(bytes: Uint8Array, at: number): boolean {
  const kind = bytes[at] as number;
  if ((kind ^ 0xff) !== bytes[at + 1]) return false;
  return kind === FRAME || kind === SECTOR || kind === SEAL || kind === STATE || kind === RESUME;
}

/**
 * Bytes 16 to 19 of the body's SHA-256 (the bytes before them are the next frame's `prev`), and the numbers: multiplied, so that the
 * same bit missing in two of them does not go unseen. SHA-256 because boards have it in C; a CRC in script would take longer.
 */
function checkOf(digest: Uint8Array, first: number, second: number, id: number): number {
  let mixed = imul(uint32(digest, 16) ^ first, 0x9e3779b1);
  mixed = imul(mixed ^ (mixed >>> 15) ^ second, 0x85ebca6b);
  mixed = imul(mixed ^ (mixed >>> 13) ^ id, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

function uint32(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24)) >>>
    0
  );
}

function setUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
}
