import { Unzlib } from "fflate";
import type { FlashChip } from "./flash-chip.js";

/** What a write ends with, where it does not go well. The caller has an error code for each. */
export type WriteFailure = "too-much" | "too-little" | "inflate" | "flash";

/** One write of consecutive bytes: begun with a range, which is erased, and then given in blocks, deflated or not. */
export class FlashWrite {
  readonly #flash: FlashChip;
  readonly #end: number;
  readonly #unzip: Unzlib | undefined;
  #at: number;
  /** Bytes of flash before this are erased. */
  #erased: number;
  #failure: WriteFailure | undefined;

  /** `erase`: the whole range at once, as the ROM does; else sector by sector as bytes come, as the stub does. */
  constructor(flash: FlashChip, at: number, length: number, options: { deflated: boolean; erase: boolean }) {
    this.#flash = flash;
    this.#at = at;
    this.#end = at + length;
    this.#erased = at;
    if (options.erase) this.#erase(this.#end);
    if (options.deflated) this.#unzip = new Unzlib((data) => this.#program(data));
  }

  /** Takes a block. `padded`: the last block may be longer than what is left, with ones. */
  block(data: Uint8Array, padded: boolean): WriteFailure | undefined {
    const room = this.#end - this.#at;
    if (this.#unzip === undefined) this.#program(padded ? data.subarray(0, room) : data);
    else
      try {
        this.#unzip.push(data.slice());
      } catch {
        this.#failure ??= "inflate";
      }
    return this.#failure;
  }

  /** What is missing at the end. */
  finish(): WriteFailure | undefined {
    return this.#failure ?? (this.#at < this.#end ? "too-little" : undefined);
  }

  #program(data: Uint8Array): void {
    if (this.#at + data.length > this.#end) this.#failure ??= "too-much";
    if (!this.#flash.holds(this.#at, data.length)) this.#failure ??= "flash";
    if (this.#failure !== undefined || data.length === 0) return;
    this.#erase(this.#at + data.length);
    this.#flash.program(this.#at, data);
    this.#at += data.length;
  }

  #erase(end: number): void {
    if (end <= this.#erased) return;
    this.#flash.erase(this.#erased, end - this.#erased);
    const sector = 0x1000;
    this.#erased = Math.ceil(end / sector) * sector;
  }
}
