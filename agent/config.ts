import { CONFIGURATION_BYTES, MAX_FRAME_BYTES, SIGNATURE_BYTES } from "./frame/layout.js";
import { isNetworkName, isSenmlName } from "./frame/name.js";
import { isSenmlUnit } from "./frame/units.js";
import { fail } from "./input-error.js";
import { MAX_DECLARED } from "./journal/losses.js";
import type { WitnessConfig } from "./receipt/witness-config.js";
import type { ChannelConfig, SensorConfig } from "./sampler.js";
import type { UplinkConfig } from "./uplink/uplink.js";

export interface AgentConfig {
  /** Frames count in this network only. */
  readonly network: string;
  /** A frame is made when it has this many readings … */
  readonly readings: number;
  /** … or when its oldest reading is this old, in milliseconds. */
  readonly age: number;
  /** The longest frame, in bytes. */
  readonly frameBytes: number;
  /** Of the sensors, in hex: agent/settings/sensor-configuration.ts. */
  readonly configuration: string;
  readonly uplink: UplinkConfig;
  /** Frames stay until these witnesses hold them; left out, until brokers have them. */
  readonly witnesses?: WitnessConfig;
}

const LABEL = 1;
/** The longest head of a name or a unit: they are ASCII of at most 64 characters. */
const TEXT_HEAD = 2;
/** The longest integer, and the longest head of anything, in CBOR. */
const INT = 9;
/** All of a frame but its readings and the network's name, at its longest; see frame/layout.ts. */
const FRAME_OVERHEAD =
  2 +
  3 +
  1 +
  3 +
  3 +
  10 + // tag, array, protected header's heads, alg, content type, kid
  (3 + 2) + // CWT claims, aud
  (5 + 1 + INT + INT + 17 + INT + 1) + // chain
  (1 + CONFIGURATION_BYTES - INT + 1) + // configuration: the sequence, or a range's first, is 0 then, which takes one byte
  (1 + MAX_DECLARED * (1 + 3 * INT)) + // dropped
  (1 + 3 + 2 + 1 + INT) + // unprotected header, payload's heads, base time
  (2 + SIGNATURE_BYTES);
/** A reading but for its name and unit: map, value, time, and the labels and heads of name and unit. */
const READING_OVERHEAD = 1 + (4 + INT) + (4 + INT) + (1 + 2) + (1 + 2);

/** Throws SettingError. */
export function checkConfig(config: AgentConfig, sensors: readonly SensorConfig[]): void {
  const { network, readings, age, frameBytes, configuration, uplink } = config;
  if (!isNetworkName(network)) fail("network", network, "1 to 64 letters, digits, or - : . _");
  if (!isCount(readings, 255)) fail("readings", readings, "a whole number from 1 to 255");
  if (!(age > 0)) fail("age", age, "milliseconds above 0");
  if (!isCount(frameBytes, MAX_FRAME_BYTES))
    fail("frameBytes", frameBytes, `a whole number from 1 to ${MAX_FRAME_BYTES}`);
  if (configuration.length !== 2 * CONFIGURATION_BYTES)
    fail("configuration", configuration, `${CONFIGURATION_BYTES} bytes in hex`);
  if (!isCount(uplink.copies, 30)) fail("uplink.copies", uplink.copies, "a whole number from 1 to 30");
  if (!isCount(uplink.acknowledgements, uplink.copies))
    fail("uplink.acknowledgements", uplink.acknowledgements, "a whole number from 1 to uplink.copies");
  if (!isCount(uplink.window, 255)) fail("uplink.window", uplink.window, "a whole number from 1 to 255");
  const { timeout, backoff } = uplink;
  if (!(timeout > 0)) fail("uplink.timeout", timeout, "milliseconds above 0");
  if (!(backoff.min > 0)) fail("uplink.backoff.min", backoff.min, "milliseconds above 0");
  if (!(backoff.max >= backoff.min)) fail("uplink.backoff.max", backoff.max, "uplink.backoff.min or more");
  if (!(uplink.absent > 0)) fail("uplink.absent", uplink.absent, "milliseconds above 0");
  if (uplink.order !== "oldest" && uplink.order !== "newest")
    fail("uplink.order", uplink.order, '"oldest" or "newest"');
  let channels = 0;
  for (const { interval, channels: quantities } of sensors) {
    if (!(interval > 0)) fail("interval", interval, "milliseconds above 0");
    for (const { name, unit, digits } of quantities) {
      if (!isSenmlName(name))
        fail("name", name, "a SenML name: letters, digits, and - : . / _ after the first");
      if (!isSenmlUnit(unit)) fail("unit", unit, "in the SenML units registry");
      if (!Number.isInteger(digits) || digits < 0 || digits > 9) fail("digits", digits, "0 to 9");
      channels++;
    }
  }
  if (channels < 1 || channels > 256) fail("sensors", channels, "1 to 256 quantities in all");
  const needed = longestFrame(network, readings, sensors);
  if (needed > frameBytes)
    fail("frameBytes", frameBytes, `at least ${needed} for ${readings} readings, or fewer readings a frame`);
}

/** Bytes that a frame of so many readings of these sensors may have, whatever they read. */
export function longestFrame(
  network: string,
  readings: number,
  sensors: readonly { readonly channels: readonly Pick<ChannelConfig, "name" | "unit">[] }[],
): number {
  let longest = 0;
  for (const { channels } of sensors)
    for (const { name, unit } of channels) longest = Math.max(longest, name.length + unit.length);
  return FRAME_OVERHEAD + network.length + readings * (READING_OVERHEAD + longest);
}

/** Bytes of all names and units in CBOR, each with a label, as often as it is configured. */
export function textBytes(sensors: readonly Pick<SensorConfig, "channels">[]): number {
  let bytes = 0;
  for (const { channels } of sensors)
    for (const { name, unit } of channels) bytes += name.length + unit.length + 2 * (LABEL + TEXT_HEAD);
  return bytes;
}

function isCount(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= most;
}
