import type { ChipName } from "../../../provision/flash/chips.js";
import type { Wire } from "../../../provision/wire.js";
import { type Firmware, SimulatedChip } from "./chip.js";
import { CHIP_MODELS } from "./chips.js";
import { FlashChip } from "./flash-chip.js";
import { createMemoryWire, type MemoryWireOptions } from "./memory-wire.js";

export interface MemoryBoardOptions {
  readonly chip?: ChipName;
  /** 6 bytes. */
  readonly mac?: Uint8Array;
  readonly flash?: FlashChip;
  readonly firmware?: Firmware;
}

const FLASH_BYTES = 4 << 20;

/** A board that is plugged in again and again: each `plug` is a new wire to the same chip and flash. */
export class MemoryBoard {
  readonly flash: FlashChip;
  readonly chip: SimulatedChip;

  constructor(options: MemoryBoardOptions = {}) {
    const { chip = "esp32c3", mac = Uint8Array.of(0x34, 0x85, 0x18, 1, 2, 3) } = options;
    this.flash = options.flash ?? new FlashChip(FLASH_BYTES);
    this.chip = new SimulatedChip(CHIP_MODELS[chip], this.flash, mac, options.firmware);
  }

  /** Gives it power over a new wire; what it did before is over. */
  plug(options: MemoryWireOptions = {}): Wire {
    const { wire, board } = createMemoryWire(options);
    const { chip } = this;
    chip.send = (data) => board.write(data);
    chip.onBaud = (baud) => board.setBaud(baud);
    board.onData = (data) => chip.received(data);
    board.onSignals = (signals) => chip.signals(signals);
    chip.signals({ dtr: false, rts: false });
    chip.reset();
    return wire;
  }
}
