import { existsSync, readFileSync } from "node:fs";
import { freemem, loadavg, totalmem } from "node:os";
import { join } from "node:path";
import type { SensorSample } from "../../agent/ports/sensor.js";
import { createNetworkSensor } from "./network.js";
import type { ChannelSetup, SensorSetup } from "./setup.js";
import { findThermometers } from "./thermal.js";

/** Files of /proc and /sys change between one second and the next at the soonest. */
const INTERVAL = 1000;

const LOAD: ChannelSetup = { property: "load", name: "load", unit: "count", digits: 2, min: 0, max: 100_000 };
/** "/100" is percent; "%" would be a ratio (RFC 8428 §12.1, note 1). */
const MEMORY: ChannelSetup = {
  property: "used",
  name: "memory",
  unit: "/100",
  digits: 1,
  min: 0,
  max: 100,
};

/**
 * The sensors of this machine: load average, memory in use, network traffic, and each temperature that Linux
 * knows of (hwmon, or the thermal zones where hwmon has none). Without /proc, what Node can tell: load and memory.
 *
 * Each call makes sensors of its own, so that boards do not share state. `sample` reads files and throws an Error
 * that names the file where it is gone or says something else. `root`: where /proc and /sys are looked for.
 * `now`: milliseconds, never going back.
 */
export function createHostSensors(root = "/", now: () => number = () => performance.now()): SensorSetup[] {
  if (!existsSync(join(root, "proc", "loadavg"))) return createPortableSensors();
  const setups = [
    setup("load", () => ({ load: readLoad(join(root, "proc", "loadavg")) }), [LOAD]),
    setup("memory", () => ({ used: readMemoryUsed(join(root, "proc", "meminfo")) }), [MEMORY]),
  ];
  const network = createNetworkSensor(join(root, "proc", "net", "dev"), now);
  if (network !== undefined) setups.push(setup("network", network.sample, network.channels));
  for (const { id, channel, sample } of findThermometers(root)) setups.push(setup(id, sample, [channel]));
  return setups;
}

function createPortableSensors(): SensorSetup[] {
  return [
    setup("load", () => ({ load: loadavg()[0] }), [LOAD]),
    setup("memory", () => ({ used: (1 - freemem() / totalmem()) * 100 }), [MEMORY]),
  ];
}

function setup(id: string, sample: () => SensorSample | undefined, channels: ChannelSetup[]): SensorSetup {
  return { id, sensor: { configure() {}, sample, close() {} }, interval: INTERVAL, channels };
}

/** Runnable tasks, averaged over the last minute: proc(5), /proc/loadavg. */
function readLoad(file: string): number {
  const load = Number.parseFloat(readFileSync(file, "utf8"));
  if (!(load >= 0)) throw new Error(`${file}: does not start with a load average`);
  return load;
}

/** Percent of the memory that new programs could not have: proc(5), /proc/meminfo. */
function readMemoryUsed(file: string): number {
  const text = readFileSync(file, "utf8");
  const kilobytes = (field: string) => Number(new RegExp(`^${field}: *(\\d+) kB$`, "m").exec(text)?.[1]);
  const total = kilobytes("MemTotal");
  const available = kilobytes("MemAvailable");
  if (!(total > 0 && available <= total)) throw new Error(`${file}: no MemTotal and MemAvailable`);
  return (1 - available / total) * 100;
}
