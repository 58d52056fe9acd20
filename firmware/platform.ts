import type { Carriers, Discovery, DiscoveryEvent } from "../agent/ports/discovery.js";
import type { Flash } from "../agent/ports/flash.js";
import type { KeyValue } from "../agent/ports/key-value.js";
import type { Sensor } from "../agent/ports/sensor.js";
import type { Serial } from "../agent/ports/serial.js";
import type { Wifi } from "../agent/provision/board-host.js";
import type { Configuration } from "../agent/provision/configuration.js";
import type { Settings } from "../agent/settings/settings.js";
import type { BoardClock } from "./ports/clock.js";
import type { Transport } from "./ports/transport.js";
import type { ResetReason } from "./resets.js";

/** Makes a driver from the `options` that the configuration gives it. Throws where the hardware does not answer. */
export type SensorDriver = (options: object) => Sensor;

/** What differs from one kind of board to the next: all that `boot` does not know by itself. */
export interface Platform {
  /** For instance "sim". */
  readonly name: string;
  /** What the stored settings stand over: the manifest's, which also names `board`, `chip` and `version`. */
  readonly config: object;
  /** Drivers by the `kind` that the configuration names. */
  readonly drivers: { readonly [kind: string]: SensorDriver };
  /** Resets the board when it is not fed for some seconds. */
  readonly watchdog: Watchdog;
  resetReason(): ResetReason;
  openStore(): KeyValue;
  /** The flash that the journal has for itself. Throws where there is none that fits. */
  openJournal(): Flash;
  /** The wire that a technician holds, not opened; undefined where there is none. */
  openSerial(): Serial | undefined;
  /** Joins the network and has `clock` set. Both go on being kept up afterwards. Calls nothing back from inside. */
  startNetwork(configuration: Configuration, clock: BoardClock, handler: NetworkHandler): Wifi;
  /** Starts the device anew. Need not return. */
  readonly restart: () => void;
  createTransport(settings: Settings): Transport;
  /** Undefined where this platform cannot ask the link for brokers. */
  createDiscovery(carriers: Carriers, observe: (event: DiscoveryEvent) => void): Discovery | undefined;
}

export interface NetworkHandler {
  /** Once: there is a network and the time of day is known, or the try was given up. */
  ready(): void;
  /** Each time that there is a network, or none any more. */
  changed(isUp: boolean): void;
}

export interface Watchdog {
  start(): void;
  feed(): void;
}
