import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { SensorSample } from "../../../agent/ports/sensor.js";
import type { ChannelSetup } from "./setup.js";

export interface Thermometer {
  readonly id: string;
  readonly channel: ChannelSetup;
  sample(): SensorSample;
}

/** A name of this length keeps a frame of one reading within 168 bytes (docs/protocol.md). */
const MAX_NAME = 11;
/** Degrees Celsius: the range that silicon sensors are made for. */
const MIN = -55;
const MAX = 150;
/**
 * What chips and firmware say where nothing is connected or nothing was measured: 0 of a zone that nobody fills in, and the top of 8 to 12
 * bits of an open diode (lm63, lm90, adm1021). A sensor that is truly at one of them says something else a moment later.
 */
const NO_READING: readonly number[] = [0, 127, 127.5, 127.75, 127.875, 127.9375];
/** DS18B20, scratchpad: 85 Cel after power, until the first conversion. Linux names these w1_slave_temp. */
const ONE_WIRE = /^(w1_|ds18)/;
const ONE_WIRE_POWER_ON = 85;

/**
 * The temperatures that Linux measures: `temp*_input` of each hwmon chip
 * (https://docs.kernel.org/hwmon/sysfs-interface.html), or else the thermal zones
 * (https://docs.kernel.org/driver-api/thermal/sysfs-api.html), which hwmon mirrors where it is built in.
 * Both are files with millidegrees Celsius. Named after the chip or zone, with a number where several share a name.
 *
 * Inputs with nothing connected are common: they fail, or show a value beyond all sense. What has no reading in
 * range when this is called is left out.
 */
export function findThermometers(root: string): Thermometer[] {
  const hwmon = join(root, "sys", "class", "hwmon");
  const zones = join(root, "sys", "class", "thermal");
  const found: Input[] = list(hwmon, /^hwmon\d+$/).flatMap((chip) =>
    list(join(hwmon, chip), /^temp\d+_input$/).map((input) => ({
      file: join(hwmon, chip, input),
      fault: join(hwmon, chip, input.replace("_input", "_fault")),
      label: readLabel(join(hwmon, chip, "name")),
    })),
  );
  if (found.length === 0)
    for (const zone of list(zones, /^thermal_zone\d+$/))
      found.push({
        file: join(zones, zone, "temp"),
        fault: join(zones, zone, "fault"),
        label: readLabel(join(zones, zone, "type")),
      });

  const taken = new Set<string>();
  return found.filter(isConnected).map(({ file, fault, label }) => {
    const name = uniqueName(label, taken);
    taken.add(name);
    return {
      id: name,
      channel: { property: "temperature", name, unit: "Cel", digits: 1, min: MIN, max: MAX },
      sample: () => ({ temperature: measured(file, fault, label) }),
    };
  });
}

interface Input {
  readonly file: string;
  /** Says 1 where the chip knows of a fault; most have none. */
  readonly fault: string;
  readonly label: string;
}

function isConnected({ file, fault }: Input): boolean {
  try {
    const temperature = measured(file, fault, "");
    return temperature >= MIN && temperature <= MAX;
  } catch {
    return false;
  }
}

/** Throws where the file says something that is no measurement. Its range is looked at by who samples it. */
function measured(file: string, fault: string, label: string): number {
  if (existsSync(fault) && readFileSync(fault, "utf8").trim() === "1")
    throw new Error(`${file}: its chip says that it is at fault`);
  const temperature = readMillidegrees(file);
  if (NO_READING.includes(temperature) || (ONE_WIRE.test(label) && temperature === ONE_WIRE_POWER_ON))
    throw new Error(`${file}: ${temperature} Cel is what it says where nothing was measured`);
  return temperature;
}

function readMillidegrees(file: string): number {
  const text = readFileSync(file, "utf8").trim();
  if (!/^-?\d+$/.test(text)) throw new Error(`${file}: expected millidegrees Celsius, found "${text}"`);
  return Number(text) / 1000;
}

/** Names that match, in the order of the numbers in them. */
function list(folder: string, pattern: RegExp): string[] {
  if (!existsSync(folder)) return [];
  const number = (name: string) => Number(/\d+/.exec(name));
  return readdirSync(folder)
    .filter((name) => pattern.test(name))
    .sort((a, b) => number(a) - number(b));
}

/** As a SenML name: lower case, digits and _, a letter first. */
function readLabel(file: string): string {
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  const label = text
    .trim()
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^[^a-z]+|_+$/g, "");
  return label === "" ? "temperature" : label;
}

function uniqueName(label: string, taken: ReadonlySet<string>): string {
  let name = label.slice(0, MAX_NAME);
  for (let count = 2; taken.has(name); count++) {
    const suffix = `_${count}`;
    name = label.slice(0, MAX_NAME - suffix.length) + suffix;
  }
  return name;
}
