import { readUtf8, utf8Length, writeUtf8 } from "../cbor/utf8.js";
import { type AgentConfig, checkConfig, longestFrame } from "../config.js";
import type { KeyValue } from "../ports/key-value.js";
import type { Sensor } from "../ports/sensor.js";
import type { SensorConfig } from "../sampler.js";
import { createBoardSettings, storedSettings } from "../settings/board-settings.js";
import { checkChosen } from "../settings/chosen.js";
import { checkRanges } from "../settings/ranges.js";
import { createSettings, type Settings } from "../settings/settings.js";
import { type Changer, SettingsStore } from "./settings-store.js";

/** Bytes that are stored, at most: a value of NVS (ESP-IDF, nvs_set_blob) with room beside it. */
const MAX_BYTES = 8000;
/** What settings.ts, given.ts and config.ts put between a setting's name and what it may be. */
const IS_NOT = " is not ";
const NO_SUCH = ": there is no such setting";
const NOT_A_CERTIFICATE = ": not one certificate in PEM, or in base64 of DER";
/** What a board needs to be reached by its owner, and under the name by which it is known. */
const WAY = Object.freeze(["network", "brokers", "wifi", "dns"]);

export interface ConfigurationInit {
  readonly store: KeyValue;
  /** What is compiled in. */
  readonly config: object;
  /** Kinds of sensors that the board has drivers for. */
  readonly kinds: readonly string[];
  /** Throws RangeError for what this board cannot do. No message may repeat a value. */
  readonly check?: (settings: Settings) => void;
}

/** A board's settings: what is stored stands over what is compiled in. */
export class Configuration {
  /** What is stored, and what of it counts. */
  readonly kept: SettingsStore;
  readonly #init: ConfigurationInit;
  /** What is used of stored settings that cannot be used as they are. */
  #rest: object | undefined;
  #isReachable = true;

  constructor(init: ConfigurationInit) {
    this.#init = init;
    this.kept = new SettingsStore(init.store);
  }

  /** What is stored and counts in this boot. Throws RangeError where that is damaged. */
  get stored(): object {
    return this.#rest ?? storedSettings(this.kept.current);
  }

  /** Throws RangeError that names the setting. */
  get settings(): Settings {
    return createSettings(this.#init.config, this.stored);
  }

  get wifi(): { readonly ssid: string; readonly password?: string } {
    return createBoardSettings(this.#init.config, this.stored).wifi;
  }

  /** Whether the board runs without some of what is stored, which it cannot use. */
  get isPartial(): boolean {
    return this.#rest !== undefined;
  }

  /** Whether what it runs with may bring it to its owner's brokers, under its own network's name. */
  get isReachable(): boolean {
    return this.#isReachable;
  }

  /**
   * The board cannot start with the settings of this boot: it takes others, and returns true, or there are none left. First those that worked
   * before; then what of those in force can be used, setting by setting; then what is compiled in.
   */
  fallBack(reason: string): boolean {
    if (this.kept.isTried) {
      this.kept.next(reason);
      return true;
    }
    const stored = this.read(this.kept.current);
    const tried = this.#rest ?? stored;
    if (tried !== undefined && Object.keys(tried).length === 0) return false;
    const rest = this.#rest === undefined && stored !== undefined ? this.usable(stored) : {};
    this.#rest = rest;
    this.#isReachable = stored !== undefined && WAY.every((name) => name in rest === name in stored);
    return true;
  }

  /**
   * `json`: an object with some of the settings, each whole. They are checked together with all others and only then stored, in one
   * write. Throws RangeError that names the setting and what it may be, and repeats no value: it may be a password.
   */
  change(json: string, by?: Changer): void {
    let given: unknown;
    try {
      given = JSON.parse(json);
    } catch {
      throw new RangeError("settings: not JSON");
    }
    if (typeof given !== "object" || given === null || Array.isArray(given))
      throw new RangeError("settings: not a JSON object");
    this.merge(given, by);
  }

  /** Like `change`. What is stored and cannot be used counts as not set. */
  merge(given: object, by: Changer = "wire"): void {
    const before = this.base();
    const now: { readonly sntp?: unknown; readonly network?: unknown } = { ...this.#init.config, ...before };
    const hasNewTime = "sntp" in given && given.sntp !== now.sntp;
    const settings = encode({ ...before, ...given });
    if (settings.length > MAX_BYTES)
      throw new RangeError(`settings: ${settings.length} bytes, of which a board keeps ${MAX_BYTES}`);
    try {
      checkChosen(given, now.network);
      this.checkStored(settings);
    } catch (error) {
      throw new RangeError(error instanceof RangeError ? withoutValue(error.message) : "settings: refused");
    }
    this.kept.propose(settings, hasNewTime, by);
  }

  forget(): void {
    this.kept.forget();
  }

  /** What a change stands over. */
  private base(): { readonly sntp?: unknown } {
    const latest = this.read(this.kept.latest);
    return latest === undefined ? {} : this.#rest === undefined ? latest : this.usable(latest);
  }

  /** Undefined where it is no JSON object. */
  private read(bytes: Uint8Array | undefined): object | undefined {
    if (bytes === undefined) return {};
    try {
      const read: unknown = JSON.parse(readUtf8(bytes, 0, bytes.length) ?? "");
      return typeof read === "object" && read !== null && !Array.isArray(read) ? read : undefined;
    } catch {
      return undefined;
    }
  }

  /** Those settings that are right together with the ones before them. */
  private usable(stored: object): object {
    let usable = {};
    for (const [name, value] of Object.entries(stored)) {
      const more = { ...usable, [name]: value };
      try {
        this.checkStored(encode(more));
        usable = more;
      } catch {
        // Left out.
      }
    }
    return usable;
  }

  /** As the next start will read them. */
  private checkStored(bytes: Uint8Array): void {
    const { config } = this.#init;
    const stored = storedSettings(bytes);
    const settings = createSettings(config, stored);
    checkRanges(settings, createBoardSettings(config, stored));
    this.check(settings);
  }

  private check(settings: Settings): void {
    const { kinds, check } = this.#init;
    const sensors: SensorConfig[] = [];
    for (let i = 0; i < settings.sensors.length; i++) {
      const { kind, interval, channels } = settings.sensors[i] as Settings["sensors"][number];
      if (!kinds.includes(kind))
        throw new RangeError(`sensors[${i}].kind: it is not one of this board's: ${kinds.join(", ")}`);
      sensors.push({ sensor: NO_SENSOR, interval, channels });
    }
    checkConfig(agentConfig(settings, sensors), sensors);
    check?.(settings);
  }
}

function encode(settings: object): Uint8Array {
  const json = JSON.stringify(settings);
  const bytes = new Uint8Array(utf8Length(json));
  writeUtf8(json, bytes, 0);
  return bytes;
}

/** What the agent is configured with where a board has these settings. */
export function agentConfig(settings: Settings, sensors: readonly SensorConfig[]): AgentConfig {
  const { network, readings, age, copies, acknowledgements, window, order, absent, timeout, backoff } =
    settings;
  return {
    network,
    readings,
    age,
    frameBytes: longestFrame(network, readings, sensors),
    uplink: { copies, acknowledgements, window, order, absent, timeout, backoff },
  };
}

const NO_SENSOR: Sensor = Object.freeze({
  configure() {},
  sample: () => undefined,
  close() {},
});

/** `setting: value is not what it may be` without the value, and names that nobody knows without them. */
export function withoutValue(message: string): string {
  const colon = message.indexOf(": ");
  const noSuch = message.indexOf(NO_SUCH);
  if (noSuch >= 0 && noSuch === colon) {
    const dot = message.lastIndexOf(".", noSuch);
    return `${dot < 0 ? "settings" : message.slice(0, dot)}${message.slice(noSuch)}`;
  }
  if (message.slice(colon).startsWith(NOT_A_CERTIFICATE)) return message.slice(0, colon) + NOT_A_CERTIFICATE;
  const isNot = message.lastIndexOf(IS_NOT);
  if (colon < 0) return "settings: refused";
  if (isNot < colon) return `${message.slice(0, colon)}: it cannot be as it is`;
  return `${message.slice(0, colon)}: it${message.slice(isNot)}`;
}
