import { readUtf8, utf8Length, writeUtf8 } from "../cbor/utf8.js";
import { type AgentConfig, checkConfig, longestFrame } from "../config.js";
import { InputError, SettingError } from "../input-error.js";
import type { KeyValue } from "../ports/key-value.js";
import type { Sensor } from "../ports/sensor.js";
import type { SensorConfig } from "../sampler.js";
import { createBoardSettings, storedSettings } from "../settings/board-settings.js";
import { checkChosen } from "../settings/chosen.js";
import { checkMemory, checkText, type MemoryLimits, noRoom, ROOMY } from "../settings/limits.js";
import { checkRanges } from "../settings/ranges.js";
import { createSettings, type Settings } from "../settings/settings.js";
import { type Changer, SettingsStore } from "./settings-store.js";

/** What a board needs to be reached by its owner, and under the name by which it is known. */
const WAY = Object.freeze(["network", "brokers", "wifi", "dns"]);

export interface ConfigurationInit {
  readonly store: KeyValue;
  /** What is compiled in. */
  readonly config: object;
  /** Kinds of sensors that the board has drivers for. */
  readonly kinds: readonly string[];
  /** Throws SettingError for what this board cannot do; of another error the words are lost. */
  readonly check?: (settings: Settings) => void;
  /** What it has memory for; ROOMY where it does not say. */
  readonly limits?: MemoryLimits;
}

/** A board's settings: what is stored stands over what is compiled in. */
export class Configuration {
  /** What is stored, and what of it counts. */
  readonly kept: SettingsStore;
  /**
   * Whether the brokers that this boot's agent has are opened with passwords. Whoever makes the
   * agent says so here.
   */
  hasBrokerPasswords = false;
  readonly #init: ConfigurationInit;
  /** What is used of stored settings that cannot be used as they are. */
  #rest: object | undefined;
  #isReachable = true;
  /** Whether whoever holds the wire has given all that is secret of the brokers, in this boot. */
  #knowsSecrets = false;
  /** Whether the change under way gives them. */
  #givesSecrets = false;

  constructor(init: ConfigurationInit) {
    this.#init = init;
    this.kept = new SettingsStore(init.store);
  }

  /** What is stored and counts in this boot. Throws InputError where that is damaged. */
  get stored(): object {
    if (this.#rest !== undefined) return this.#rest;
    const { current } = this.kept;
    if (current !== undefined) checkText(current, this.limits);
    return storedSettings(current);
  }

  get limits(): MemoryLimits {
    return this.#init.limits ?? ROOMY;
  }

  /** Throws SettingError. */
  get settings(): Settings {
    const settings = createSettings(this.#init.config, this.stored);
    checkMemory(settings, this.limits);
    return settings;
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
   * write. Throws InputError that names the setting and what it may be, and repeats no value: it may be a password.
   */
  change(json: string, by: Changer = "wire"): void {
    // Not held while it is checked and stored: a board has little memory.
    this.take(this.over(this.given(json), by), by);
  }

  /** Like `change`. What is stored and cannot be used counts as not set. */
  merge(given: object, by: Changer = "wire"): void {
    this.take(this.over(given, by), by);
  }

  /**
   * Whoever is not the owner, and brings the board into another network or to other name servers, could have it send its brokers' passwords
   * to a place of their own. So it forgets those that were not given since the board started.
   */
  private withoutSecrets(given: object): object {
    const isMoved = "wifi" in given || "dns" in given;
    if (this.#knowsSecrets || !isMoved || "brokers" in given) return given; // before anything is read: a board has little memory
    const { brokers }: { readonly brokers?: unknown } = { ...this.#init.config, ...this.base() };
    if (!Array.isArray(brokers) || brokers.every(({ password }) => password === undefined)) return given;
    return { ...given, brokers: brokers.map(({ password: _, ...broker }) => broker) };
  }

  /** All settings as they are to be stored. Nothing else of them is in memory meanwhile, of which a board has little. */
  private take(settings: Uint8Array, by: Changer): void {
    checkText(settings, this.limits);
    try {
      this.checkStored(settings);
    } catch (error) {
      throw new InputError(withoutValue(error));
    }
    const hasNewTime = this.timeServer(this.read(settings)) !== this.timeServer(this.base());
    this.kept.propose(settings, hasNewTime, by);
    if (this.#givesSecrets) this.#knowsSecrets = true;
  }

  forget(): void {
    this.kept.forget();
  }

  private given(json: string): object {
    checkText(utf8(json), this.limits);
    let given: unknown;
    try {
      given = JSON.parse(json);
    } catch {
      throw new InputError("settings: not JSON");
    }
    if (typeof given !== "object" || given === null || Array.isArray(given))
      throw new InputError("settings: not a JSON object");
    return given;
  }

  private get network(): unknown {
    const all: { readonly network?: unknown } = { ...this.#init.config, ...this.base() };
    return all.network;
  }

  private timeServer(stored: object | undefined): unknown {
    const all: { readonly sntp?: unknown } = { ...this.#init.config, ...stored };
    return all.sntp;
  }

  /** All settings, with those that are given in the place of others. */
  private over(given: object, by: Changer): Uint8Array {
    const { bytes } = this.limits;
    checkChosen(given, this.network);
    this.#givesSecrets = "brokers" in given;
    const isOwners = by === "order" || by === "owner";
    const all: { readonly [name: string]: unknown } = {
      ...this.base(),
      ...(isOwners ? given : this.withoutSecrets(given)),
    };
    let json = "";
    // One after another: an engine makes room for a long text several times over.
    for (const name of Object.keys(all)) {
      json += `${json === "" ? "{" : ","}${JSON.stringify(name)}:${JSON.stringify(all[name])}`;
      if (json.length > bytes) throw noRoom("settings", json.length, bytes, " bytes and more");
    }
    return utf8(json === "" ? "{}" : `${json}}`);
  }

  /** What a change stands over. */
  private base(): object {
    const latest = this.read(this.kept.latest);
    return latest === undefined ? {} : this.#rest === undefined ? latest : this.usable(latest);
  }

  /** Undefined where it is no JSON object. */
  private read(bytes: Uint8Array | undefined): object | undefined {
    if (bytes === undefined) return {};
    try {
      checkText(bytes, this.limits);
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
        this.checkStored(utf8(JSON.stringify(more)));
        usable = more;
      } catch {
        // Left out.
      }
    }
    return usable;
  }

  /** As the next start will read them. */
  private checkStored(bytes: Uint8Array): void {
    this.check(this.created(bytes));
  }

  private created(bytes: Uint8Array): Settings {
    const { config } = this.#init;
    const stored = storedSettings(bytes);
    const settings = createSettings(config, stored);
    checkMemory(settings, this.limits);
    checkRanges(settings, createBoardSettings(config, stored));
    return settings;
  }

  private check(settings: Settings): void {
    const { kinds, check } = this.#init;
    const sensors: SensorConfig[] = [];
    for (let i = 0; i < settings.sensors.length; i++) {
      const { kind, interval, channels } = settings.sensors[i] as Settings["sensors"][number];
      if (!kinds.includes(kind))
        throw new SettingError(`sensors[${i}].kind`, `it is not one of this board's: ${kinds.join(", ")}`);
      sensors.push({ sensor: NO_SENSOR, interval, channels });
    }
    checkConfig(agentConfig(settings, sensors, NO_CONFIGURATION), sensors);
    check?.(settings);
  }
}

function utf8(json: string): Uint8Array {
  const bytes = new Uint8Array(utf8Length(json));
  writeUtf8(json, bytes, 0);
  return bytes;
}

/** What the agent is configured with where a board has these settings. `configuration`: of its sensors, in hex. */
export function agentConfig(
  settings: Settings,
  sensors: readonly SensorConfig[],
  configuration: string,
): AgentConfig {
  const { network, readings, age, copies, acknowledgements, window, order, absent, timeout, backoff } =
    settings;
  const { witnesses: least, witnessKeys: keys } = settings;
  return {
    network,
    readings,
    age,
    frameBytes: longestFrame(network, readings, sensors),
    configuration,
    uplink: { copies, acknowledgements, window, order, absent, timeout, backoff },
    ...(least !== undefined && keys !== undefined && { witnesses: { least, keys } }),
  };
}

const NO_CONFIGURATION = "0000000000000000";
const NO_SENSOR: Sensor = Object.freeze({
  configure() {},
  sample: () => undefined,
  close() {},
});

/** What is wrong with a setting, and nothing of what was given. */
export function withoutValue(error: unknown): string {
  return error instanceof SettingError ? `${error.setting}: ${error.allowed}` : "settings: refused";
}
