/** Bytes that are erased together, and start where a multiple of them is. */
export const SECTOR = 0x1000;

/** The serial flash behind a chip: erased to ones by sectors, programmed to zeros. */
export class FlashChip {
  readonly bytes: Uint8Array;
  /** Sectors, by number, in which bit 0 of every 16th byte is stuck at one: they take what they are given and hold something else. */
  readonly #bad: ReadonlySet<number>;
  /** Told of each range that changed, for those who keep it in a file. */
  onChange: (at: number, bytes: Uint8Array) => void = () => {};

  /** `bytes`: as many as the flash has, a power of two from 1 MiB to 16 MiB; taken over. `bad`: addresses in sectors that are bad. */
  constructor(bytes: Uint8Array | number, bad: readonly number[] = []) {
    this.bytes = typeof bytes === "number" ? new Uint8Array(bytes).fill(0xff) : bytes;
    this.#bad = new Set(bad.map((address) => Math.floor(address / SECTOR)));
  }

  get size(): number {
    return this.bytes.length;
  }

  /** JEDEC id as RDID gives it, little-endian: manufacturer, type, and the size's exponent. */
  get id(): number {
    return (Math.log2(this.size) << 16) | 0x40ef;
  }

  holds(at: number, length: number): boolean {
    return at >= 0 && length >= 0 && at + length <= this.size;
  }

  /** Erases the sectors that the range touches. */
  erase(at: number, length: number): void {
    const start = at - (at % SECTOR);
    const end = Math.min(this.size, Math.ceil((at + length) / SECTOR) * SECTOR);
    this.bytes.fill(0xff, start, end);
    this.onChange(start, this.bytes.subarray(start, end));
  }

  program(at: number, data: Uint8Array): void {
    for (let i = 0; i < data.length; i++) {
      const address = at + i;
      const value = (this.bytes[address] as number) & (data[i] as number);
      const isStuck = address % 16 === 7 && this.#bad.has(Math.floor(address / SECTOR));
      this.bytes[address] = isStuck ? value | 1 : value;
    }
    this.onChange(at, this.bytes.subarray(at, at + data.length));
  }
}
