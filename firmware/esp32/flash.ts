import FlashStorage, { type Flash as Partition } from "embedded:storage/flash";
import { CheckedFlash } from "../ports/flash.js";

/**
 * A data partition by the SDK's ECMA-419 flash storage: esp_partition_read, _write and _erase_range. Programming clears bits,
 * since the partition is not one that flash encryption covers. The SDK itself takes any number: a negative address would be a very high one.
 */
export class PartitionFlash extends CheckedFlash {
  readonly #partition: Partition;

  /** `label`: as partitions.csv has it. Throws where there is none. */
  constructor(label: string) {
    const partition = FlashStorage.open({ path: label, mode: "r+" });
    const { size, blockLength } = partition.status();
    super(size, blockLength);
    this.#partition = partition;
  }

  protected override readBytes(address: number, into: Uint8Array): void {
    this.#partition.read(into, address);
  }

  protected override programPieces(address: number, data: Uint8Array): void {
    this.#partition.write(data, address);
  }

  protected override eraseSector(address: number): void {
    this.#partition.eraseBlock(address / this.sectorBytes);
  }
}
