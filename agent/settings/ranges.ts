import { utf8Length } from "../cbor/utf8.js";
import { fail } from "../input-error.js";
import type { BoardSettings } from "./board-settings.js";
import type { Settings } from "./settings.js";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Milliseconds from one sample to the next: more often, and a board's flash is worn out within a year. */
const SHORTEST_INTERVAL = 100;
/** IEEE 802.11 §9.4.2.2, and WPA's passphrase, or its key in hex. */
const LONGEST_SSID = 32;
const LONGEST_PASSWORD = 64;

/**
 * Throws InputError for values with which a board would work, and be out of reach for longer than its owner waits, or wear itself out. Checked as
 * settings are given to a board, and not where it starts with them.
 */
export function checkRanges(settings: Settings, { wifi }: Pick<BoardSettings, "wifi">): void {
  const { sensors, age, absent, timeout, backoff, trial } = settings;
  for (let i = 0; i < sensors.length; i++) {
    const { interval } = sensors[i] as Settings["sensors"][number];
    milliseconds(`sensors[${i}].interval`, interval, SHORTEST_INTERVAL, DAY);
  }
  milliseconds("age", age, 1, DAY);
  milliseconds("absent", absent, 1, DAY);
  milliseconds("timeout", timeout, 100, 5 * MINUTE);
  milliseconds("backoff.min", backoff.min, 10, HOUR);
  milliseconds("backoff.max", backoff.max, 10, HOUR);
  milliseconds("trial", trial, SECOND, DAY);
  if (utf8Length(wifi.ssid) > LONGEST_SSID)
    fail("wifi.ssid", "a text", `a name of at most ${LONGEST_SSID} bytes`);
  if (utf8Length(wifi.password ?? "") > LONGEST_PASSWORD)
    fail("wifi.password", "a text", `one of at most ${LONGEST_PASSWORD} bytes`);
}

function milliseconds(setting: string, value: number, least: number, most: number): void {
  if (!(value >= least && value <= most)) fail(setting, value, `from ${least} to ${most} milliseconds`);
}
