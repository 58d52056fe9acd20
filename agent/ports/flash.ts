/** A partition of NOR flash: programming clears bits, erasing a sector sets them all. The journal's ground. */
export interface Flash {
  /** Bytes in all, a whole number of sectors. */
  readonly size: number;
  /** Bytes of the smallest piece that can be erased; 4,096 on ESP32 boards. */
  readonly sectorBytes: number;
  /** Copies `into.length` bytes from `address`. */
  read(address: number, into: Uint8Array): void;
  /** Clears bits: what is stored becomes `old AND data`. Durable when it returns. */
  program(address: number, data: Uint8Array): void;
  /** Sets every byte of one sector to 0xff. `address`: the sector's first byte. Durable when it returns. */
  erase(address: number): void;
}
