import config from "mc/config";
import type { DiscoveryEvent, DiscoveryScope } from "../../agent/ports/discovery.js";
import type { Configuration } from "../../agent/provision/configuration.js";
import { createBoardSettings } from "../../agent/settings/board-settings.js";
import type { MemoryLimits } from "../../agent/settings/limits.js";
import type { Settings } from "../../agent/settings/settings.js";
import { checkOptions } from "../drivers/check-options.js";
import { bootOrSay } from "../main.js";
import type { DeviceClock, NetworkHandler, Platform } from "../platform.js";
import { BoardDiscovery } from "../ports/discovery.js";
import { SdkPlatform } from "../ports/sdk-platform.js";
import { BoardSerial, type UartWire } from "../ports/serial.js";
import { DRIVERS } from "./drivers.js";
import { PartitionFlash } from "./flash.js";
import { NvsKeyValue } from "./key-value.js";
import { startNetwork } from "./network.js";
import { resetReason } from "./reset-reason.js";
import { restart } from "./restart.js";
import { BoardTransport } from "./transport.js";
import { feedWatchdog, startWatchdog } from "./watchdog.js";
import type { WifiKeeper } from "./wifi.js";

/** By the budget of docs/firmware.md; not measured on a board. */
const LIMITS: MemoryLimits = Object.freeze({ bytes: 4000, parts: 300, brokers: 8, buffers: 12_000 });
/** The partition of partitions.csv that the journal has for itself. */
const JOURNAL = "journal";

/** An ESP32 of any kind. Nothing of it is touched before `boot` asks for it, in its order. */
class Esp32Platform extends SdkPlatform implements Platform {
  readonly drivers = DRIVERS;
  readonly check = checkOptions;
  readonly watchdog = { start: startWatchdog, feed: feedWatchdog };
  readonly limits = LIMITS;
  readonly resetReason = resetReason;
  readonly restart = restart;
  readonly config: object = config;
  #store: NvsKeyValue | undefined;

  get name(): string {
    return String(config.board);
  }

  openStore(): NvsKeyValue {
    this.#store ??= new NvsKeyValue();
    return this.#store;
  }

  openJournal(): PartitionFlash {
    return new PartitionFlash(JOURNAL);
  }

  openSerial(): BoardSerial {
    return new BoardSerial(config.serial as UartWire);
  }

  startNetwork({ stored }: Configuration, clock: DeviceClock, handler: NetworkHandler): WifiKeeper {
    return startNetwork(createBoardSettings(config, stored), clock, handler);
  }

  protected createTransport({ dns }: Settings): BoardTransport {
    return new BoardTransport(dns);
  }

  createDiscovery(scope: DiscoveryScope, observe: (event: DiscoveryEvent) => void): BoardDiscovery {
    return new BoardDiscovery(scope, observe);
  }
}

export default function main(): void {
  bootOrSay(new Esp32Platform());
}
