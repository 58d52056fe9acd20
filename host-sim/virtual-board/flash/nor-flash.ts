import type { Flash } from "../../../agent/ports/flash.js";
import { PowerCut } from "../../engines/power-cut.js";
import type { NorChip } from "./nor.js";

/** A chip as the agent sees it while the power is on. */
export class NorFlash implements Flash {
  readonly size: number;
  readonly sectorBytes: number;
  readonly programBytes: number;
  readonly #chip: NorChip;
  readonly #cuts: number;

  constructor(chip: NorChip) {
    this.size = chip.size;
    this.sectorBytes = chip.sectorBytes;
    this.programBytes = chip.programBytes;
    this.#chip = chip;
    this.#cuts = chip.cuts;
  }

  read(address: number, into: Uint8Array): void {
    this.powered().read(address, into);
  }

  program(address: number, data: Uint8Array): void {
    this.powered().program(address, data);
  }

  erase(address: number): void {
    this.powered().erase(address);
  }

  private powered(): NorChip {
    if (this.#chip.cuts !== this.#cuts) throw new PowerCut();
    return this.#chip;
  }
}
