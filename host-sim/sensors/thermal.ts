import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { SensorSample } from "../../agent/ports/sensor.js";
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
  const found = list(hwmon, /^hwmon\d+$/).flatMap((chip) =>
    list(join(hwmon, chip), /^temp\d+_input$/).map((input) => ({
      file: join(hwmon, chip, input),
      label: readLabel(join(hwmon, chip, "name")),
    })),
  );
  if (found.length === 0)
    for (const zone of list(zones, /^thermal_zone\d+$/))
      found.push({ file: join(zones, zone, "temp"), label: readLabel(join(zones, zone, "type")) });

  const taken = new Set<string>();
  return found.filter(isConnected).map(({ file, label }) => {
    const name = uniqueName(label, taken);
    taken.add(name);
    return {
      id: name,
      channel: { property: "temperature", name, unit: "Cel", digits: 1, min: MIN, max: MAX },
      sample: () => ({ temperature: readMillidegrees(file) }),
    };
  });
}

function isConnected({ file }: { file: string }): boolean {
  try {
    const temperature = readMillidegrees(file);
    return temperature >= MIN && temperature <= MAX;
  } catch {
    return false;
  }
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
