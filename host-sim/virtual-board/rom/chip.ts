import { type Boot, bootFrom } from "./boot.js";
import type { ChipModel } from "./chips.js";
import type { FlashChip } from "./flash-chip.js";
import { RomLoader } from "./loader.js";

/** What runs once the chip has started it from its flash. */
export interface Firmware {
  /** Called with each start; `send` gets what goes to the host. */
  start(send: (data: Uint8Array) => void, boot: Exclude<Boot, { failure: string }>): void;
  received(data: Uint8Array): void;
  /** A reset: it calls `send` no more. */
  stop(): void;
}

/** The rate at which ROM and firmware speak. */
export const CONSOLE_BAUD = 115_200;
/**
 * Milliseconds from letting EN go until the chip reads BOOT: the capacitor at EN. Hosts that set DTR and RTS one after the
 * other rely on it.
 */
const EN_RISES = 10;

/**
 * A chip on a board with a USB bridge: what owns its serial port, the ROM's loader or the firmware, and the two transistors by
 * which DTR and RTS reset it (RTS alone: EN is low; DTR alone: BOOT is low; both: neither).
 */
export class SimulatedChip {
  /** Gets the bytes that go to the host. */
  send: (data: Uint8Array) => void = () => {};
  /** Bits a second at which the chip now sends and receives. */
  onBaud: (baud: number) => void = () => {};
  readonly #model: ChipModel;
  readonly #flash: FlashChip;
  readonly #loader: RomLoader;
  readonly #firmware: Firmware | undefined;
  #owner: "nobody" | "loader" | "firmware" = "nobody";
  #isHeld = false;
  #rising: NodeJS.Timeout | undefined;
  #dtr = false;
  #rts = false;
  /** The BOOT button is held. */
  holdsBoot = false;

  /** `mac`: 6 bytes. It does not run before `reset`. */
  constructor(model: ChipModel, flash: FlashChip, mac: Uint8Array, firmware?: Firmware) {
    this.#model = model;
    this.#flash = flash;
    this.#firmware = firmware;
    this.#loader = new RomLoader(model, flash, mac);
    this.#loader.send = (data) => this.send(data);
    this.#loader.onBaud = (baud) => this.onBaud(baud);
    this.#loader.onRun = () => this.reset(false);
  }

  /** Who has the serial port. */
  get owner(): "nobody" | "loader" | "firmware" {
    return this.#owner;
  }

  received(data: Uint8Array): void {
    if (this.#owner === "loader") this.#loader.received(data);
    else if (this.#owner === "firmware") this.#firmware?.received(data);
  }

  /** The host set its lines. What is left out stays. */
  signals({ dtr = this.#dtr, rts = this.#rts }: { dtr?: boolean; rts?: boolean }): void {
    this.#dtr = dtr;
    this.#rts = rts;
    const isHeld = rts && !dtr;
    if (isHeld) this.stop();
    else if (this.#isHeld) this.#rising = setTimeout(() => this.reset(), EN_RISES);
    this.#isHeld = isHeld;
  }

  /** As EN rises: with BOOT low the ROM waits for a download. */
  reset(download = this.holdsBoot || (this.#dtr && !this.#rts)): void {
    this.stop();
    this.#loader.reset();
    this.onBaud(CONSOLE_BAUD);
    this.#say(this.#model.greeting);
    this.#say(download ? this.#model.boot.download : this.#model.boot.flash);
    if (download) {
      this.#owner = "loader";
      this.#say("waiting for download\r\n");
      return;
    }
    const boot = bootFrom(this.#flash, this.#model);
    if ("failure" in boot) this.#say(`${boot.failure}\r\n`);
    else if (this.#firmware !== undefined) {
      this.#owner = "firmware";
      this.#firmware.start((data) => this.send(data), boot);
    }
  }

  /** Its power goes away. */
  stop(): void {
    clearTimeout(this.#rising);
    if (this.#owner === "firmware") this.#firmware?.stop();
    this.#owner = "nobody";
  }

  #say(text: string): void {
    this.send(Uint8Array.from(text, (character) => character.charCodeAt(0)));
  }
}
