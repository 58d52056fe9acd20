import config from "mc/config";
import { CLOCK_SET } from "../../agent/frame/chain.js";
import type { Wifi } from "../../agent/provision/board-host.js";
import type { Configuration } from "../../agent/provision/configuration.js";
import { type Given, text } from "../../agent/settings/given.js";
import { ROOMY } from "../../agent/settings/limits.js";
import { parseSettings, type Settings } from "../../agent/settings/settings.js";
import { isPlausible } from "../../agent/time-of-day.js";
import { bootOrSay } from "../main.js";
import type { DeviceClock, NetworkHandler, Platform } from "../platform.js";
import { SdkPlatform } from "../ports/sdk-platform.js";
import { BoardSerial } from "../ports/serial.js";
import { TlsTransport } from "../ports/tls/tls-transport.js";
import type { ResetReason } from "../resets.js";
import { readWhole } from "./files.js";
import { FileFlash } from "./flash.js";
import { FileKeyValue } from "./key-value.js";
import { resetReasonOf, sayRestart } from "./reset-reason.js";
import { restart } from "./restart.js";
import { SimulatedSensor } from "./simulated.js";

const SETTINGS = "settings.json";
/** What the sim has besides the settings of all: the path of a terminal. */
const SIM_NAMES = Object.freeze(["serial"]);
const SERIAL_BAUD = 115_200;
/** Milliseconds from one look at the machine's clock to the next: one without a battery is in 1970 until a time server set it. */
const CLOCK_LOOK = 10_000;
const JOURNAL = "journal.bin";
/** 256 KB: what the smallest partition of a board has (scripts/firmware/partitions.js). */
const JOURNAL_GEOMETRY = { sectors: 64, sectorBytes: 4096 };

/** The SDK's Linux target. The machine's own network and clock are there before the process is. */
class SimPlatform extends SdkPlatform implements Platform {
  readonly name = "sim";
  readonly drivers = { simulated: (options: object) => new SimulatedSensor(options) };
  readonly limits = ROOMY;
  readonly watchdog = { start() {}, feed() {} };
  readonly #store = new FileKeyValue();
  readonly restart = () => {
    sayRestart(this.#store);
    restart();
  };

  get config(): object {
    return { ...config, ...readSettings() };
  }

  resetReason(): ResetReason {
    return resetReasonOf(this.#store);
  }

  openStore(): FileKeyValue {
    return this.#store;
  }

  openJournal(): FileFlash {
    return new FileFlash(JOURNAL, JOURNAL_GEOMETRY);
  }

  openSerial(): BoardSerial | undefined {
    const given: Given = { ...readSettings() };
    if (given.serial === undefined) return undefined;
    return new BoardSerial({ device: text(given, "serial"), baud: SERIAL_BAUD });
  }

  /** The machine's own, which is there whatever is asked: one open network is heard, and any name and password let the device in. */
  startNetwork(_: Configuration, clock: DeviceClock, { ready, changed }: NetworkHandler): Wifi {
    const look = () => {
      if (isPlausible(Date.now(), clock.earliest)) clock.state = CLOCK_SET;
      else clock.setTimer(look, CLOCK_LOOK);
    };
    look();
    clock.setTimer(() => {
      changed(true);
      ready();
    }, 0);
    return {
      scan: (done) => void clock.setTimer(() => done([{ ssid: "machine", rssi: -1, isSecured: false }]), 0),
      join: (_ssid, _password, done) => void clock.setTimer(() => done(true), 0),
    };
  }

  /** The SDK's UDP for Linux joins no multicast group: one of its two has no code for it, the other takes every address for a wrong one. */
  createDiscovery(): undefined {}

  protected createTransport({ dns }: Settings): TlsTransport {
    return new TlsTransport(dns);
  }
}

export default function main(): void {
  bootOrSay(new SimPlatform());
}

function readSettings(): object {
  const bytes = readWhole(SETTINGS);
  return bytes === undefined
    ? {}
    : parseSettings(SETTINGS, String.fromArrayBuffer(bytes.slice().buffer), SIM_NAMES);
}
