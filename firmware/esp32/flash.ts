import FlashStorage, { type Flash as Partition } from "embedded:storage/flash";
import type { Flash } from "../../agent/ports/flash.js";

/**
 * A data partition by the SDK's ECMA-419 flash storage: esp_partition_read, _write and _erase_range. Programming clears bits,
 * since the partition is not one that flash encryption covers.
 */
export class PartitionFlash implements Flash {
  readonly size: number;
  readonly sectorBytes: number;
  readonly #partition: Partition;

  /** `label`: as partitions.csv has it. Throws where there is none. */
  constructor(label: string) {
    this.#partition = FlashStorage.open({ path: label, mode: "r+" });
    const { size, blockLength } = this.#partition.status();
    this.size = size;
    this.sectorBytes = blockLength;
  }

  read(address: number, into: Uint8Array): void {
    this.check(address, into.length);
    // A view of no bytes is no buffer to the SDK.
    if (into.length > 0) this.#partition.read(into, address);
  }

  program(address: number, data: Uint8Array): void {
    this.check(address, data.length);
    if (data.length > 0) this.#partition.write(data, address);
  }

  erase(address: number): void {
    this.check(address, this.sectorBytes);
    if (address % this.sectorBytes !== 0)
      throw new RangeError(`address: ${address} is not the start of a sector of ${this.sectorBytes} bytes`);
    this.#partition.eraseBlock(address / this.sectorBytes);
  }

  /** The SDK takes any number: a negative one would be a very high address. */
  private check(address: number, length: number): void {
    if (!(Number.isInteger(address) && address >= 0 && address + length <= this.size))
      throw new RangeError(
        `address: ${length} bytes from ${address} are not within a flash of ${this.size} bytes`,
      );
  }
}
