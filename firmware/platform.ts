import type { ClockState } from "../agent/frame/chain.js";
import type { Clock } from "../agent/ports/clock.js";
import type { Discovery, DiscoveryEvent, DiscoveryScope } from "../agent/ports/discovery.js";
import type { Flash } from "../agent/ports/flash.js";
import type { KeyValue } from "../agent/ports/key-value.js";
import type { Link } from "../agent/ports/link.js";
import type { Random } from "../agent/ports/random.js";
import type { Sensor } from "../agent/ports/sensor.js";
import type { Serial } from "../agent/ports/serial.js";
import type { SignatureChecker, Signer } from "../agent/ports/signer.js";
import type { Wifi } from "../agent/provision/board-host.js";
import type { Configuration } from "../agent/provision/configuration.js";
import type { Broker, Inbox, Presence } from "../agent/settings/broker.js";
import type { MemoryLimits } from "../agent/settings/limits.js";
import type { Settings } from "../agent/settings/settings.js";
import type { ResetReason } from "./resets.js";

/** The device's key, and a judge of others' signatures. */
export interface DeviceSigner extends Signer, SignatureChecker {
  /** Whether the key was made just now: this is the device's first boot. */
  readonly made: boolean;
}

export interface DeviceClock extends Clock {
  /** What is known of the time of day: whoever sets it says so here. */
  state: ClockState;
  /** When the firmware was built, Unix milliseconds: no time of day before it is believed (agent/time-of-day.ts). */
  readonly earliest: number;
  /** By hand, Unix time in milliseconds. What the network has set stays. */
  set(unix: number): void;
}

/** What a link to a broker says and hears beside the agent's own messages. */
export interface LinkTerms {
  readonly device: string;
  readonly presence: Presence;
  readonly inbox: Inbox;
}

/** Makes a driver from the `options` that the configuration gives it. Throws where the hardware does not answer. */
export type SensorDriver = (options: object) => Sensor;

/** What differs from one kind of board to the next: all that `boot` does not know by itself. */
export interface Platform {
  /** For instance "sim". */
  readonly name: string;
  /** What the stored settings stand over: the manifest's, which also names `board`, `chip` and `version`. */
  readonly config: object;
  /** Bytes that nobody can foretell: there once the signer is open. */
  readonly random: Random;
  /** Drivers by the `kind` that the configuration names. */
  readonly drivers: { readonly [kind: string]: SensorDriver };
  /** Resets the board when it is not fed for some seconds. */
  readonly watchdog: Watchdog;
  /** Throws SettingError for settings that this board cannot do. */
  readonly check?: (settings: Settings) => void;
  /** What it has memory for. */
  readonly limits: MemoryLimits;
  /** A line on the console, without its end. */
  print(line: string): void;
  resetReason(): ResetReason;
  /** Throws where a key can be neither read nor made. */
  openSigner(): DeviceSigner;
  createClock(): DeviceClock;
  openStore(): KeyValue;
  /** The flash that the journal has for itself. Throws where there is none that fits. */
  openJournal(): Flash;
  /** Milliseconds for which the wire is open; agent/provision/server.ts says how many where this does not. */
  readonly open?: number | undefined;
  /** The wire that a technician holds, not opened; undefined where there is none. */
  openSerial(): Serial | undefined;
  /** Joins the network and has `clock` set. Both go on being kept up afterwards. Calls nothing back from inside. */
  startNetwork(configuration: Configuration, clock: DeviceClock, handler: NetworkHandler): Wifi;
  /** Restarts the device. Need not return. */
  readonly restart: () => void;
  /** Makes links to brokers, those that are configured and those that are found. */
  createLinks(settings: Settings, terms: LinkTerms): (broker: Broker) => Link;
  /** Undefined where this platform cannot ask the link for brokers. */
  createDiscovery(scope: DiscoveryScope, observe: (event: DiscoveryEvent) => void): Discovery | undefined;
}

export interface NetworkHandler {
  /** Once: there is a network and the time of day is known, or the try was given up. */
  ready(): void;
  /** Each time that there is a network, or none any more. */
  changed(isUp: boolean): void;
  /** A time server gave nothing that may be believed. It is asked again. */
  timeFailed?(reason: string): void;
}

export interface Watchdog {
  start(): void;
  feed(): void;
}
