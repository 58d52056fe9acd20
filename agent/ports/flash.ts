/** A partition of NOR flash: programming clears bits, erasing a sector sets them all. The journal's ground. */
export interface Flash {
  /** Bytes in all, a whole number of sectors. */
  readonly size: number;
  /** Bytes of the smallest piece that can be erased; 4,096 on ESP32 boards. */
  readonly sectorBytes: number;
  /**
   * Bytes of the smallest piece that can be programmed: 1 to 32. Each piece is programmed once between two erasures of its
   * sector; flash with error correction or encryption takes no more.
   */
  readonly programBytes: number;
  /** Copies `into.length` bytes from `address`. */
  read(address: number, into: Uint8Array): void;
  /**
   * Clears bits: what is stored becomes `old AND data`. Durable when it returns. `address` and `data.length`: whole pieces,
   * else RangeError. May throw where the hardware fails.
   */
  program(address: number, data: Uint8Array): void;
  /** Sets every byte of one sector to 0xff. `address`: the sector's first byte. Durable when it returns. May throw likewise. */
  erase(address: number): void;
}
