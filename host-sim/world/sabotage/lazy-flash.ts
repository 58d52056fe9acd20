import type { Flash } from "../../../agent/ports/flash.js";

/** A flash that says it has programmed, and does so only when something else is programmed or erased. */
export class LazyFlash implements Flash {
  readonly size: number;
  readonly sectorBytes: number;
  readonly programBytes: number;
  readonly #flash: Flash;
  #late: { readonly address: number; readonly data: Uint8Array } | undefined;

  constructor(flash: Flash) {
    this.size = flash.size;
    this.sectorBytes = flash.sectorBytes;
    this.programBytes = flash.programBytes;
    this.#flash = flash;
  }

  read(address: number, into: Uint8Array): void {
    this.#flash.read(address, into);
    if (this.#late === undefined) return;
    const { address: start, data } = this.#late;
    for (let i = 0; i < into.length; i++) {
      const byte = data[address + i - start];
      if (byte !== undefined) into[i] = (into[i] as number) & byte;
    }
  }

  program(address: number, data: Uint8Array): void {
    this.#catchUp();
    this.#late = { address, data: Uint8Array.from(data) };
  }

  erase(address: number): void {
    this.#catchUp();
    this.#flash.erase(address);
  }

  #catchUp(): void {
    const late = this.#late;
    this.#late = undefined;
    if (late !== undefined) this.#flash.program(late.address, late.data);
  }
}
