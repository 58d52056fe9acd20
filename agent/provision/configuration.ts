import { utf8Length, writeUtf8 } from "../cbor/utf8.js";
import { type AgentConfig, checkConfig, longestFrame } from "../config.js";
import type { KeyValue } from "../ports/key-value.js";
import type { Sensor } from "../ports/sensor.js";
import type { SensorConfig } from "../sampler.js";
import { createBoardSettings, storedSettings } from "../settings/board-settings.js";
import { createSettings, type Settings } from "../settings/settings.js";

/** Where board-settings.ts reads it. */
const KEY = "settings";
/** Bytes that are stored, at most: a value of NVS (ESP-IDF, nvs_set_blob) with room beside it. */
const MAX_BYTES = 8000;
/** What settings.ts, given.ts and config.ts put between a setting's name and what it may be. */
const IS_NOT = " is not ";
const NO_SUCH = ": there is no such setting";
const NOT_A_CERTIFICATE = ": not one certificate in PEM, or in base64 of DER";

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
  readonly #init: ConfigurationInit;

  constructor(init: ConfigurationInit) {
    this.#init = init;
  }

  /** What is stored. Throws RangeError where that is damaged. */
  get stored(): object {
    return storedSettings(this.#init.store);
  }

  /** Throws RangeError that names the setting. */
  get settings(): Settings {
    return createSettings(this.#init.config, this.stored);
  }

  get wifi(): { readonly ssid: string; readonly password?: string } {
    return createBoardSettings(this.#init.config, this.stored).wifi;
  }

  /**
   * `json`: an object with some of the settings, each whole. They are checked together with all others and only then stored, in one
   * write. Throws RangeError that names the setting and what it may be, and repeats no value: it may be a password.
   */
  change(json: string): void {
    let given: unknown;
    try {
      given = JSON.parse(json);
    } catch {
      throw new RangeError("settings: not JSON");
    }
    if (typeof given !== "object" || given === null || Array.isArray(given))
      throw new RangeError("settings: not a JSON object");
    this.merge(given);
  }

  /** Like `change`. */
  merge(given: object): void {
    const { store, config } = this.#init;
    const merged = JSON.stringify({ ...this.readStored(), ...given });
    const bytes = new Uint8Array(utf8Length(merged));
    writeUtf8(merged, bytes, 0);
    if (bytes.length > MAX_BYTES)
      throw new RangeError(`settings: ${bytes.length} bytes, of which a board keeps ${MAX_BYTES}`);
    try {
      // As the next start will read it.
      const stored = storedSettings({ get: () => bytes, set() {}, delete() {} });
      createBoardSettings(config, stored);
      this.check(createSettings(config, stored));
    } catch (error) {
      throw new RangeError(error instanceof RangeError ? withoutValue(error.message) : "settings: refused");
    }
    store.set(KEY, bytes);
  }

  forget(): void {
    this.#init.store.delete(KEY);
  }

  private readStored(): object {
    try {
      return this.stored;
    } catch {
      throw new RangeError("settings: what is stored is damaged; a factory reset forgets it");
    }
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
function withoutValue(message: string): string {
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
