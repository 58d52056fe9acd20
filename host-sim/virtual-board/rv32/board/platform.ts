import type { ClockState } from "../../../../agent/frame/chain.js";
import type { Link } from "../../../../agent/ports/link.js";
import type { Random } from "../../../../agent/ports/random.js";
import type { Configuration } from "../../../../agent/provision/configuration.js";
import type { Broker, Inbox } from "../../../../agent/settings/broker.js";
import type { MemoryLimits } from "../../../../agent/settings/limits.js";
import type { Settings } from "../../../../agent/settings/settings.js";
import type { DeviceSigner, LinkTerms, NetworkHandler, Platform } from "../../../../firmware/platform.js";
import type { ResetReason } from "../../../../firmware/resets.js";
import { type FlashConfig, HostFlash } from "../../../engines/xs/board/flash.js";
import { host } from "../../../engines/xs/board/host.js";
import { HostLink } from "../../../engines/xs/board/link.js";
import { Names } from "../../../engines/xs/board/names.js";
import { HostStore } from "../../../engines/xs/board/store.js";
import { FromBoard } from "../../../engines/xs/messages.js";
import { checkSimulated } from "../../check.js";
import { SimulatedNetwork } from "../../network.js";
import { DRIVERS } from "../../sensors.js";
import { FromDevice } from "../messages.js";
import { EmulatedClock } from "./clock.js";
import { EmulatedRadio } from "./radio.js";
import { UartSerial } from "./serial.js";
import { utf8 } from "./text.js";

/** What Node tells a device when it is switched on. */
export interface DeviceConfig {
  /** What is compiled in, as a manifest's `config` has it. */
  readonly config: object;
  readonly flash: FlashConfig;
  readonly clock: ClockState;
  /** Unix time in milliseconds at uptime 0. */
  readonly epoch: number;
  readonly reset: ResetReason;
  /** Milliseconds for which provisioning answers. */
  readonly open?: number;
  /** Whether events stand on the console. */
  readonly hasConsole: boolean;
}

/** A broker that Node is to connect to for the device. */
export interface BrokerLink {
  readonly broker: Broker;
  readonly device: string;
  readonly presence: LinkTerms["presence"];
  readonly topics: readonly string[];
}

/** Of a device in 64 KB (../device.ts), measured: docs/rv32.md. */
const LIMITS: MemoryLimits = Object.freeze({ bytes: 1024, parts: 130, brokers: 8, buffers: 4000 });
const RANDOM: Random = Object.freeze({ fill: host.random });

/** An emulated board with all that a technician and a broker can see of it: what firmware/main.ts boots on. */
export class EmulatedPlatform implements Platform {
  readonly name = "rv32";
  readonly config: object;
  readonly random = RANDOM;
  readonly drivers = DRIVERS;
  readonly check = checkSimulated;
  readonly limits = LIMITS;
  /** There is none: what is stuck stays so. */
  readonly watchdog = { start() {}, feed() {} };
  readonly serial = new UartSerial();
  readonly links: HostLink[] = [];
  readonly open: number | undefined;
  clock: EmulatedClock | undefined;
  radio: EmulatedRadio | undefined;
  inbox: Inbox | undefined;
  readonly #device: DeviceConfig;
  readonly #stored: Readonly<Record<string, Uint8Array>>;
  readonly #topics = new Names(FromBoard.topic);

  constructor(device: DeviceConfig, stored: Readonly<Record<string, Uint8Array>>) {
    this.#device = device;
    this.#stored = stored;
    this.config = device.config;
    this.open = device.open;
  }

  print(line: string): void {
    if (this.#device.hasConsole) host.serialWrite(utf8(`${line}\n`));
    host.send(FromDevice.event, 0, utf8(line));
  }

  resetReason(): ResetReason {
    return this.#device.reset;
  }

  openSigner(): DeviceSigner {
    const publicKey = new Uint8Array(33);
    host.publicKey(publicKey);
    return { publicKey, made: false, sign: host.sign, sha256: host.sha256, verify: host.verify };
  }

  createClock(): EmulatedClock {
    this.clock = new EmulatedClock(this.#device.clock, this.#device.epoch);
    return this.clock;
  }

  openStore(): HostStore {
    return new HostStore(this.#stored, false);
  }

  openJournal(): HostFlash {
    return new HostFlash(this.#device.flash);
  }

  openSerial(): UartSerial {
    return this.serial;
  }

  startNetwork({ wifi }: Configuration, clock: EmulatedClock, handler: NetworkHandler): SimulatedNetwork {
    this.radio = new EmulatedRadio(clock);
    const network = new SimulatedNetwork(this.radio, clock, handler);
    network.keep(wifi.ssid, wifi.password ?? "");
    return network;
  }

  readonly restart = () => host.send(FromDevice.restart, 0);

  createLinks(_: Settings, { device, presence, inbox }: LinkTerms): (broker: Broker) => Link {
    this.inbox = inbox;
    return (broker) => {
      const told: BrokerLink = { broker, device, presence, topics: inbox.topics };
      const link = new HostLink(this.links.length, `${broker.host}:${broker.port}`, this.#topics);
      host.send(FromDevice.broker, this.links.length, utf8(JSON.stringify(told)));
      this.links.push(link);
      return link;
    };
  }

  createDiscovery(): undefined {}
}
