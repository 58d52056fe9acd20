import { existsSync, readFileSync } from "node:fs";
import { freemem, loadavg, totalmem } from "node:os";
import { join } from "node:path";
import type { Sensor, SensorSample } from "../../../agent/ports/sensor.js";
import { findNetworkInterface } from "./network.js";
import { ranged } from "./ranged.js";
import type { ChannelSetup, SensorSetup } from "./setup.js";
import { shared } from "./shared.js";
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

export interface HostSensorOptions {
  /** Where /proc and /sys are looked for. */
  readonly root?: string;
  /** Milliseconds, never going back. */
  readonly now?: () => number;
  /** Milliseconds from one sample to the next. */
  readonly interval?: number;
  /** Milliseconds for which boards share what was read; 0 if left out: each sample reads again. */
  readonly fresh?: number;
  /** Node's name of the system; this machine's if left out. */
  readonly platform?: string;
}

/**
 * Finds the sensors of this machine: load average, memory in use, network traffic, and each temperature that Linux
 * knows of (hwmon, or the thermal zones where hwmon has none). Without /proc, what Node can tell: load and memory.
 *
 * What it returns gives a board its sensors. Those that remember nothing are the same for all boards: a fleet looks for
 * them once and keeps them once. `sample` reads files and throws an Error that names the file where it is gone or says
 * something else.
 */
export function findHostSensors(options: HostSensorOptions = {}): () => readonly SensorSetup[] {
  const { root = "/", now = () => performance.now(), interval = INTERVAL, fresh = 0 } = options;
  const { platform = process.platform } = options;
  const setup = (id: string, sensor: Sensor, channels: readonly ChannelSetup[]): SensorSetup => {
    return { id, sensor, interval, channels };
  };
  const stateless = (
    id: string,
    sample: () => SensorSample | undefined,
    channel: ChannelSetup,
  ): SensorSetup => {
    const channels = [channel];
    const read = shared(() => ranged(sample(), channels), fresh, now);
    return setup(id, { configure() {}, sample: () => read(), close() {} }, channels);
  };
  if (!existsSync(join(root, "proc", "loadavg"))) {
    const memory = stateless("memory", () => ({ used: (1 - freemem() / totalmem()) * 100 }), MEMORY);
    // Windows has no load average, and Node says 0 (os.loadavg).
    if (platform === "win32") return () => [memory];
    const portable = [stateless("load", () => ({ load: loadavg()[0] }), LOAD), memory];
    return () => portable;
  }
  const first = [
    stateless("load", () => ({ load: readLoad(join(root, "proc", "loadavg")) }), LOAD),
    stateless("memory", () => ({ used: readMemoryUsed(join(root, "proc", "meminfo")) }), MEMORY),
  ];
  const last = findThermometers(root).map(({ id, channel, sample }) => stateless(id, sample, channel));
  const network = findNetworkInterface(join(root, "proc", "net", "dev"), now, fresh);
  if (network === undefined) {
    const all = [...first, ...last];
    return () => all;
  }
  return () => first.concat(setup("network", network.createSensor(), network.channels), last);
}

/** A board's sensors on this machine: see `findHostSensors`. */
export function createHostSensors(root = "/", now?: () => number): readonly SensorSetup[] {
  return findHostSensors({ root, ...(now && { now }) })();
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
