import type { Random } from "../../agent/ports/random.js";
import type { Serial } from "../../agent/ports/serial.js";
import type { Configuration } from "../../agent/provision/configuration.js";
import type { Broker } from "../../agent/settings/broker.js";
import { ROOMY } from "../../agent/settings/limits.js";
import type { Settings } from "../../agent/settings/settings.js";
import { bootOrSay, type Running } from "../../firmware/main.js";
import type { DeviceSigner, LinkTerms, NetworkHandler, Platform } from "../../firmware/platform.js";
import type { ResetReason } from "../../firmware/resets.js";
import { random } from "../../node/ports/random.js";
import { createSigner, signatureChecker } from "../../node/ports/signer.js";
import { BoardClock } from "./board-clock.js";
import type { BoardEvent } from "./board-event.js";
import type { Boot, BootInit } from "./boot.js";
import { linkTo } from "./broker-link.js";
import { checkSimulated } from "./check.js";
import { DEFAULTS } from "./defaults.js";
import { type Disk, keyOf } from "./disk.js";
import { SimulatedNetwork } from "./network.js";
import { DRIVERS } from "./sensors.js";
import { SimulatedWifi } from "./wifi.js";

/** This process as a board: what firmware/main.ts boots on. */
class NodePlatform implements Platform {
  readonly name = "node";
  readonly config: object;
  readonly random: Random = random;
  readonly drivers = DRIVERS;
  readonly check = checkSimulated;
  readonly limits = ROOMY;
  readonly watchdog = { start() {}, feed() {} };
  readonly open: number | undefined;
  readonly restart: () => void;
  readonly clock: BoardClock;
  readonly wifi: SimulatedWifi;
  readonly #init: BootInit;

  constructor(init: BootInit) {
    this.#init = init;
    this.config = { ...DEFAULTS, chip: init.chip, version: init.version };
    this.open = init.open;
    this.restart = init.restart;
    this.clock = new BoardClock(init.kept);
    this.wifi = new SimulatedWifi(init.wifi);
  }

  print(line: string): void {
    const { hasConsole, serial, observe } = this.#init;
    observe(JSON.parse(line) as BoardEvent);
    if (hasConsole) serial.write(Buffer.from(`${line}\n`));
  }

  resetReason(): ResetReason {
    return this.#init.reset;
  }

  openSigner(): DeviceSigner {
    const { publicKey, sign, sha256 } = createSigner(keyOf(this.#init.disk));
    return { publicKey, sign, sha256, verify: signatureChecker.verify, made: false };
  }

  createClock(): BoardClock {
    return this.clock;
  }

  openStore(): Disk["store"] {
    return this.#init.disk.store;
  }

  openJournal(): Disk["journal"] {
    return this.#init.disk.journal;
  }

  openSerial(): Serial {
    return this.#init.serial;
  }

  startNetwork({ wifi }: Configuration, clock: BoardClock, handler: NetworkHandler): SimulatedNetwork {
    const radio = {
      scan: this.wifi.scan.bind(this.wifi),
      join: (ssid: string, password: string, done: (isJoined: boolean) => void) =>
        this.wifi.join(ssid, password, (isJoined) => {
          if (isJoined) clock.setFromNetwork();
          done(isJoined);
        }),
    };
    const network = new SimulatedNetwork(radio, clock, handler);
    network.keep(wifi.ssid, wifi.password ?? "");
    return network;
  }

  createLinks(_: Settings, terms: LinkTerms): (broker: Broker) => ReturnType<typeof linkTo> {
    return (broker) => linkTo(broker, terms);
  }

  createDiscovery(): undefined {}
}

/** One boot of a simulated board's firmware in this process. Throws where stored settings are damaged. */
export class NodeBoot implements Boot {
  readonly #platform: NodePlatform;
  readonly #running: Running;

  constructor(init: BootInit) {
    const platform = new NodePlatform(init);
    this.#platform = platform;
    try {
      this.#running = bootOrSay(platform);
    } catch (error) {
      platform.wifi.stop();
      platform.clock.stop();
      throw error;
    }
  }

  button(): void {
    this.#running.button();
  }

  stop(): void {
    this.#running.stop();
    this.#platform.wifi.stop();
    this.#platform.clock.stop();
  }
}
