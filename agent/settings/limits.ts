import { longestFrame } from "../config.js";
import { SettingError } from "../input-error.js";
import type { Settings } from "./settings.js";
import { depthOf, partsOf } from "./weigh.js";

/** What a board's memory has room for, as far as settings take it. */
export interface MemoryLimits {
  /** Bytes of all settings that are stored, in JSON, and of those that are given at once. */
  readonly bytes: number;
  /** Values in them, and objects and lists. */
  readonly parts: number;
  readonly brokers: number;
  /** Bytes of the agent's own buffers: frames, readings that wait, and frames on their way. */
  readonly buffers: number;
}

/** Objects and lists in one another: a sensor's channels are at 4, and drivers may have options. */
const DEEPEST = 8;
/** Of a board that says nothing of its memory; a value of NVS (ESP-IDF, nvs_set_blob) has room for no more. */
export const ROOMY: MemoryLimits = Object.freeze({ bytes: 8000, parts: 4000, brokers: 30, buffers: 64_000 });

/** Bytes of a frame that is written, and is kept; of a reading that waits; of a frame on its way; and of a quantity that is measured. */
const COPIES = 3;
const READING = 24;
const PLACE = 24;
const CHANNEL = 24;

/** Throws SettingError where a text of settings is more than the board can read. Before anything is made of it. */
export function checkText(json: Uint8Array, { bytes, parts }: MemoryLimits): void {
  checkRoom("settings", json.length, bytes, " bytes");
  checkRoom("settings", partsOf(json), parts, " values");
  checkRoom("settings", depthOf(json), DEEPEST, " levels");
}

/** Throws SettingError for settings that the board cannot work with. */
export function checkMemory(settings: Settings, { brokers, buffers }: MemoryLimits): void {
  const { network, readings, window, sensors } = settings;
  checkRoom("brokers", settings.brokers.length, brokers);
  let channels = 0;
  for (const sensor of sensors) channels += sensor.channels.length;
  const needed =
    COPIES * longestFrame(network, readings, sensors) +
    READING * readings +
    PLACE * window +
    CHANNEL * channels;
  checkRoom("readings, window, sensors", needed, buffers, " bytes");
}

function checkRoom(setting: string, found: number, most: number, unit = ""): void {
  if (found > most) throw noRoom(setting, found, most, unit);
}

export function noRoom(setting: string, found: number, most: number, unit = ""): SettingError {
  return new SettingError(setting, `${found}${unit} are more than this board has memory for: ${most}`);
}
