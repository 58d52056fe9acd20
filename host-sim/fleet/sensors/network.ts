import { existsSync, readFileSync } from "node:fs";
import type { Sensor, SensorSample } from "../../../agent/ports/sensor.js";
import { ranged } from "./ranged.js";
import type { ChannelSetup } from "./setup.js";
import { shared } from "./shared.js";

interface Counters {
  /** Bytes since the interface came up. */
  readonly received: number;
  readonly sent: number;
}

/** The network interface of a machine that boards measure. */
export interface NetworkInterface {
  readonly channels: readonly ChannelSetup[];
  /** A sensor with a memory of its own: boards do not share the sample before. */
  createSensor(): Sensor;
}

/** 100 Gbit/s. */
const MAX_RATE = 12.5e9;
const CHANNELS: readonly ChannelSetup[] = [
  { property: "received", name: "net_rx", unit: "B/s", digits: 0, min: 0, max: MAX_RATE },
  { property: "sent", name: "net_tx", unit: "B/s", digits: 0, min: 0, max: MAX_RATE },
];

/**
 * The traffic of the interface that has carried most when this is called, loopback only where there
 * is no other. Undefined where `file` (proc(5), /proc/net/dev) is missing or lists none.
 *
 * A rate is the mean since the sample before. There is none for the first sample, and none for a
 * counter that went back: it wrapped, or the interface was removed and added, and what passed
 * meanwhile cannot be known. `fresh`: milliseconds for which boards share what was read.
 */
export function findNetworkInterface(
  file: string,
  now: () => number,
  fresh: number,
): NetworkInterface | undefined {
  if (!existsSync(file)) return undefined;
  const name = busiest(readInterfaces(file));
  if (name === undefined) return undefined;
  const read = () => ({ counters: readInterfaces(file).get(name), at: now() });
  const source = { file, name, read: shared(read, fresh, now) };
  return { channels: CHANNELS, createSensor: () => new NetworkSensor(source) };
}

interface Source {
  readonly file: string;
  readonly name: string;
  readonly read: () => { readonly counters: Counters | undefined; readonly at: number };
}

class NetworkSensor implements Sensor {
  readonly #source: Source;
  /** Undefined: there is no sample before, or none to compare with. */
  #before: (Counters & { readonly at: number }) | undefined;

  constructor(source: Source) {
    this.#source = source;
  }

  configure(): void {}

  sample(): SensorSample | undefined {
    const { file, name, read } = this.#source;
    const { counters, at } = read();
    const before = this.#before;
    this.#before = undefined;
    if (counters === undefined) throw new Error(`${file}: the network interface ${name} is gone`);
    const { received, sent } = counters;
    this.#before = { received, sent, at };
    if (before === undefined || at <= before.at) return undefined;
    const seconds = (at - before.at) / 1000;
    const rate = (counter: keyof Counters) => {
      const bytes = counters[counter] - before[counter];
      return bytes < 0 ? undefined : bytes / seconds;
    };
    return ranged({ received: rate("received"), sent: rate("sent") }, CHANNELS);
  }

  close(): void {}
}

function busiest(interfaces: Map<string, Counters>): string | undefined {
  const rank = (name: string, { received, sent }: Counters) => (name === "lo" ? -1 : received + sent);
  const ranked = [...interfaces].sort((a, b) => rank(...b) - rank(...a));
  return ranked[0]?.[0];
}

/** Two lines of headings, then `name: ` and 16 counters a line; the 1st is bytes received, the 9th bytes sent. */
function readInterfaces(file: string): Map<string, Counters> {
  const interfaces = new Map<string, Counters>();
  for (const line of readFileSync(file, "utf8").split("\n").slice(2)) {
    const colon = line.lastIndexOf(":");
    const counters = line.slice(colon + 1).match(/\d+/g);
    if (colon < 0 || counters === null || counters.length < 9) continue;
    interfaces.set(line.slice(0, colon).trim(), { received: Number(counters[0]), sent: Number(counters[8]) });
  }
  return interfaces;
}
