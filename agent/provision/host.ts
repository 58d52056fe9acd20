import type { ClockState } from "../frame/chain.js";
import type { Status } from "../status.js";
import type { BrokerReport } from "../uplink/uplink.js";
import type { Changer } from "./settings-store.js";

/** A Wi-Fi network that the board hears. */
export interface FoundNetwork {
  readonly ssid: string;
  /** Strength in dBm, for instance -60. */
  readonly rssi: number;
  /** Whether it wants a password. */
  readonly isSecured: boolean;
}

/** One quantity that the board measures, as its statement names it. */
export interface MeasuredQuantity {
  /** SenML name. */
  readonly name: string;
  /** A symbol of the SenML units registry. */
  readonly unit: string;
  /** Milliseconds from one sample to the next. */
  readonly interval: number;
}

/** What the board is: constant from power-up to power-up. */
export interface BoardIdentity {
  /** `did:key` of the signing key. */
  readonly did: string;
  /** First 8 bytes of SHA-256 of the public key: frame/kid.ts. */
  readonly kid: Uint8Array;
  /** The device's name in topics: the kid in lower-case hex. */
  readonly device: string;
  /** The network that frames are signed for. */
  readonly network: string;
  /** For instance `fieldmark`; and its version. */
  readonly firmware: string;
  readonly version: string;
  /** For instance `ESP32-C3`. */
  readonly chip: string;
  /** What kind of board it is: the manifest's name. */
  readonly model: string;
  readonly quantities: readonly MeasuredQuantity[];
  /** How they are measured, in hex: agent/settings/sensor-configuration.ts. */
  readonly configuration: string;
}

/** What provisioning asks of the board. Where a method says that it throws InputError, nothing has changed then. */
export interface ProvisioningHost {
  readonly identity: BoardIdentity;
  /** What people call the board. */
  readonly name: string;
  /** Durable when it returns. */
  setName(name: string): void;
  readonly hostname: string;
  /** Durable when it returns. The name is one of RFC 1123 already; throws InputError where it will not do all the same. */
  setHostname(hostname: string): void;
  /** Whether the board is in a network. */
  readonly isOnline: boolean;
  /** Where the board's user goes on, or an empty text. */
  readonly url: string;
  /** Calls back once, never from inside. */
  scan(done: (networks: readonly FoundNetwork[]) => void): void;
  /**
   * Joins a network and keeps its name and password when that succeeded, never before. Calls back once, never from inside. An empty
   * password: the network has none. The next call takes the place of one under way, whose callback is then dropped.
   */
  join(ssid: string, password: string, done: (isJoined: boolean) => void): void;
  /**
   * Checks settings together with what is stored, then stores them, whole. They count from the next start. `json`: an object with some
   * of the settings (agent/settings). Throws InputError that names the setting; no message may repeat a value. `by`: the wire where it is left out.
   */
  configure(json: string, by?: Changer): void;
  /** Unix time in milliseconds. A clock that the network has set is left as it is. Throws InputError for what is no time of day. */
  setClock(unix: number): ClockState;
  /** Samples, signs and keeps one frame now. A copy of it. Throws where that cannot be done. */
  readNow(): Uint8Array;
  status(): Status;
  /** How the configured brokers take the board. */
  brokerReports(): readonly BrokerReport[];
  /** Brokers that the board wants to be connected to. */
  readonly copies: number;
  /** Forgets settings, names, owner and the frames that wait; returns how many those were. Identity and counters stay. */
  reset(): number;
  /** Restarts the board, a moment after this returns. */
  restart(): void;
}
