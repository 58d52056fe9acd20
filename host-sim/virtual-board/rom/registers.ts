import type { ChipModel } from "./chips.js";

/** Reads a chip's kind on all of them: the first word of its ROM's interrupt vectors, which differs from chip to chip. */
const MAGIC = 0x40001000;
/** Of the SPI controller's command register: start the command that the other registers describe. */
const SPI_USR = 1 << 18;
/** JEDEC: read identification. */
const RDID = 0x9f;

/** What READ_REG and WRITE_REG reach. Registers keep what is written; what nobody wrote reads zero. */
export class Registers {
  readonly #values: Map<number, number>;
  readonly #chip: ChipModel;
  readonly #flashId: number;

  /** `mac`: 6 bytes. */
  constructor(chip: ChipModel, mac: Uint8Array, flashId: number) {
    this.#chip = chip;
    this.#flashId = flashId;
    const view = new DataView(mac.buffer, mac.byteOffset, mac.length);
    this.#values = new Map(chip.registers);
    this.#values.set(MAGIC, chip.magic);
    this.#values.set(chip.macAddress, view.getUint32(2));
    this.#values.set(chip.macAddress + 4, view.getUint16(0));
  }

  read(address: number): number {
    return this.#values.get(address) ?? 0;
  }

  write(address: number, value: number, mask: number): void {
    const { spi } = this.#chip;
    const next = (this.read(address) & ~mask) | (value & mask);
    if (address === spi.base && (next & SPI_USR) !== 0) {
      const isRdid = (this.read(spi.base + spi.usr2) & 0xff) === RDID;
      this.#values.set(spi.base + spi.w0, isRdid ? this.#flashId : 0);
      this.#values.set(address, next & ~SPI_USR); // done at once
    } else this.#values.set(address, next >>> 0);
  }
}
