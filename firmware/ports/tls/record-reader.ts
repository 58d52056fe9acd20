/** What of an ECMA-419 TCP socket (§12.5) a reader of records needs. */
export interface ByteSource {
  /** Fills `into`, of which no byte may be more than the socket said that it has. */
  read(into: Uint8Array): unknown;
}

/** RFC 5246 §6.2.1 and §6.2.3: type, version and length, and the longest fragment with what encryption adds. */
const HEADER_BYTES = 5;
const FIRST_TYPE = 20;
const LAST_TYPE = 23;
const MAJOR_VERSION = 3;
const LONGEST_FRAGMENT = 2 ** 14 + 2048;

type Header = readonly [type: number, major: number, minor: number, high: number, low: number];

/** Puts whole TLS records together from what a socket has. A record that says it is longer than one may be takes no memory. */
export class RecordReader {
  /** Bytes that the socket has. */
  available = 0;
  readonly #source: ByteSource;
  #record = new Uint8Array(HEADER_BYTES);
  #filled = 0;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** The next record, header and all, or undefined where it is not all there yet. Throws RangeError where it is none, or too long. */
  next(): Uint8Array | undefined {
    if (!this.fill()) return undefined;
    if (this.#filled === HEADER_BYTES) {
      const header = this.#record;
      const [type, major, , high, low] = header as unknown as Header;
      const length = (high << 8) | low;
      if (type < FIRST_TYPE || type > LAST_TYPE || major !== MAJOR_VERSION)
        throw new RangeError("bytes that are no record");
      if (length < 1 || length > LONGEST_FRAGMENT) throw new RangeError(`a record of ${length} bytes`);
      this.#record = new Uint8Array(HEADER_BYTES + length);
      this.#record.set(header);
      if (!this.fill()) return undefined;
    }
    const record = this.#record;
    this.#record = new Uint8Array(HEADER_BYTES);
    this.#filled = 0;
    return record;
  }

  /** Whether all that is wanted now is there. */
  private fill(): boolean {
    const wanted = this.#record.length - this.#filled;
    const count = wanted < this.available ? wanted : this.available;
    if (count > 0) {
      this.#source.read(this.#record.subarray(this.#filled, this.#filled + count));
      this.#filled += count;
      this.available -= count;
    }
    return count === wanted;
  }
}
