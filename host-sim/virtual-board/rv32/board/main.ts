import { bootOrSay, type Running } from "../../../../firmware/main.js";
import { type Receiver, runBoards } from "../../../engines/xs/board/run.js";
import { text } from "../../../engines/xs/board/text.js";
import { ToBoard } from "../../../engines/xs/messages.js";
import { ToDevice } from "../messages.js";
import { type DeviceConfig, EmulatedPlatform } from "./platform.js";
import { parse } from "./text.js";

/** The firmware on an emulated board: the composition root of firmware/main.ts, with this machine's platform. */
class Device implements Receiver {
  readonly #config: DeviceConfig;
  #stored: Record<string, Uint8Array> = {};
  /** Bytes of the value that comes. */
  #kept = 0;
  #platform: EmulatedPlatform | undefined;
  #running: Running | undefined;

  constructor(config: DeviceConfig) {
    this.#config = config;
  }

  receive(kind: number, id: number, bytes: Uint8Array | undefined): void {
    if (kind === ToDevice.stored) this.keep(id, bytes as Uint8Array);
    else if (kind === ToBoard.start) {
      this.#platform = new EmulatedPlatform(this.#config, this.#stored);
      this.#stored = {};
      this.#running = bootOrSay(this.#platform);
    } else if (this.#platform !== undefined) this.hear(this.#platform, kind, id, bytes);
  }

  private keep(lengths: number, bytes: Uint8Array): void {
    const keyLength = lengths % 16;
    const key = text(bytes.subarray(0, keyLength));
    if (this.#stored[key] === undefined) {
      this.#stored[key] = new Uint8Array(Math.floor(lengths / 16));
      this.#kept = 0;
    }
    this.#stored[key].set(bytes.subarray(keyLength), this.#kept);
    this.#kept += bytes.length - keyLength;
  }

  private hear(platform: EmulatedPlatform, kind: number, id: number, bytes: Uint8Array | undefined): void {
    switch (kind) {
      case ToBoard.timerFired:
        platform.clock?.fire(id);
        break;
      case ToBoard.linkAcknowledged:
        platform.links[bytes?.[0] as number]?.acknowledged(id);
        break;
      case ToBoard.linkRefused:
        platform.links[bytes?.[0] as number]?.refused(id, text(bytes?.subarray(1)));
        break;
      case ToBoard.linkOpened:
        platform.links[id]?.opened();
        break;
      case ToBoard.linkClosed:
        platform.links[id]?.closed(text(bytes));
        break;
      case ToDevice.serial:
        platform.serial.received(bytes as Uint8Array);
        break;
      case ToDevice.scanned:
        platform.radio?.heard(bytes as Uint8Array);
        break;
      case ToDevice.joined:
        platform.radio?.answered(id, bytes);
        break;
      case ToDevice.command:
        platform.inbox?.received(bytes?.slice() ?? new Uint8Array(0));
        break;
      case ToDevice.commandTooLong:
        platform.inbox?.passedOver(id);
        break;
      case ToDevice.button:
        this.#running?.button();
        break;
    }
  }
}

runBoards((config) => new Device(parse(config) as DeviceConfig));
