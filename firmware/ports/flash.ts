import type { Flash } from "../../agent/ports/flash.js";

/** The smallest piece that is programmed, in bytes: a word of an ESP32's SPI flash. */
const PROGRAM_BYTES = 4;

/** A flash that is asked only for what it has: addresses and lengths are checked here. Nothing is programmed or read of no bytes. */
export abstract class CheckedFlash implements Flash {
  readonly size: number;
  readonly sectorBytes: number;
  readonly programBytes = PROGRAM_BYTES;

  constructor(size: number, sectorBytes: number) {
    this.size = size;
    this.sectorBytes = sectorBytes;
  }

  read(address: number, into: Uint8Array): void {
    this.check(address, into.length);
    if (into.length > 0) this.readBytes(address, into);
  }

  program(address: number, data: Uint8Array): void {
    this.check(address, data.length);
    if (address % PROGRAM_BYTES !== 0 || data.length % PROGRAM_BYTES !== 0)
      throw new RangeError(
        `address: ${data.length} bytes from ${address} are no whole pieces of ${PROGRAM_BYTES} bytes`,
      );
    if (data.length > 0) this.programPieces(address, data);
  }

  erase(address: number): void {
    this.check(address, this.sectorBytes);
    if (address % this.sectorBytes !== 0)
      throw new RangeError(`address: ${address} is not the start of a sector of ${this.sectorBytes} bytes`);
    this.eraseSector(address);
  }

  protected abstract readBytes(address: number, into: Uint8Array): void;
  /** Durable when it returns, like `eraseSector`. */
  protected abstract programPieces(address: number, data: Uint8Array): void;
  protected abstract eraseSector(address: number): void;

  private check(address: number, length: number): void {
    if (!(Number.isInteger(address) && address >= 0 && address + length <= this.size))
      throw new RangeError(
        `address: ${length} bytes from ${address} are not within a flash of ${this.size} bytes`,
      );
  }
}
