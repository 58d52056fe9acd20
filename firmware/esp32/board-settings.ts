import type { KeyValue } from "../../agent/ports/key-value.js";
import { parseSettings } from "../settings.js";

/** What a board needs besides firmware/settings.ts. */
export interface BoardSettings {
  /** For instance "esp32c3". */
  readonly board: string;
  /** A network without a password has none; without a name the board stays off the air. */
  readonly wifi: { readonly ssid: string; readonly password?: string };
  /** Host of the time server. */
  readonly sntp: string;
  /** Brokers that are reached by TLS, by their host: the CA's certificate that they are pinned to, DER in base64. */
  readonly tls: { readonly [host: string]: string };
}

/** Key of what stands over the compiled-in configuration: JSON in UTF-8. */
const KEY = "settings";

/** What was stored on the board, or an empty object. Throws RangeError where it is no JSON object. */
export function storedSettings(store: KeyValue): object {
  const bytes = store.get(KEY);
  return bytes === undefined
    ? {}
    : parseSettings("NVS settings", String.fromArrayBuffer(bytes.slice().buffer));
}

/** What is given twice is taken from `overrides`, whole. Throws RangeError that names the setting. */
export function createBoardSettings(config: object, overrides: object): BoardSettings {
  const merged = { ...config, ...overrides } as { readonly [name: string]: unknown };
  const { ssid, password } = object(merged.wifi, "wifi");
  const tls = object(merged.tls, "tls");
  for (const host of Object.keys(tls)) text(tls[host], `tls.${host}`);
  return {
    board: text(merged.board, "board"),
    wifi: {
      ssid: text(ssid, "wifi.ssid"),
      ...(password === undefined || password === "" ? {} : { password: text(password, "wifi.password") }),
    },
    sntp: text(merged.sntp, "sntp"),
    tls: tls as BoardSettings["tls"],
  };
}

type Given = { readonly [name: string]: unknown };

function object(given: unknown, setting: string): Given {
  if (typeof given !== "object" || given === null) throw wrong(setting, given, "an object");
  return given as Given;
}

function text(given: unknown, setting: string): string {
  if (typeof given !== "string") throw wrong(setting, given, "a text");
  return given;
}

const wrong = (setting: string, value: unknown, allowed: string) =>
  new RangeError(`${setting}: ${String(value)} is not ${allowed}`);
