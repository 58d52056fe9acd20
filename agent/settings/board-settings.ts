import { readUtf8 } from "../cbor/utf8.js";
import { fail, kindOf } from "../input-error.js";
import { objectOf } from "./given.js";
import { parseSettings } from "./settings.js";

/** What a board needs besides settings.ts. */
export interface BoardSettings {
  /** For instance "esp32c3". */
  readonly board: string;
  /** A network without a password has none; without a name the board stays off the air. */
  readonly wifi: { readonly ssid: string; readonly password?: string };
  /** Host of the time server. */
  readonly sntp: string;
}

/** What of them may be set; `board` is the manifest's alone. */
export const BOARD_NAMES = Object.freeze(["wifi", "sntp"]);
const WIFI_NAMES = Object.freeze(["ssid", "password"]);

/** What stands over the compiled-in configuration, as it is stored: JSON in UTF-8; undefined: nothing. Throws InputError where it is no JSON object. */
export function storedSettings(bytes: Uint8Array | undefined): object {
  if (bytes === undefined) return {};
  const json = readUtf8(bytes, 0, bytes.length);
  if (json === undefined) fail("NVS settings", "what is stored", "UTF-8");
  return parseSettings("NVS settings", json as string, BOARD_NAMES);
}

/** What is given twice is taken from `overrides`, whole. Throws SettingError. */
export function createBoardSettings(config: object, overrides: object): BoardSettings {
  const merged = { ...config, ...overrides } as { readonly [name: string]: unknown };
  const { ssid, password } = objectOf(merged.wifi, "wifi", WIFI_NAMES);
  return {
    board: text(merged.board, "board"),
    wifi: {
      ssid: text(ssid, "wifi.ssid"),
      ...(password === undefined || password === "" ? {} : { password: text(password, "wifi.password") }),
    },
    sntp: text(merged.sntp, "sntp"),
  };
}

/** An empty one is one. */
function text(given: unknown, setting: string): string {
  if (typeof given !== "string") fail(setting, kindOf(given), "a text");
  return given as string;
}
