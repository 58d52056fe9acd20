import { existsSync, readFileSync } from "node:fs";
import type { SensorSample } from "../../agent/ports/sensor.js";
import type { ChannelSetup } from "./setup.js";

interface Counters {
  /** Bytes since the interface came up. */
  readonly received: number;
  readonly sent: number;
}

export interface NetworkSensor {
  readonly channels: ChannelSetup[];
  sample(): SensorSample | undefined;
}

/** 100 Gbit/s. */
const MAX_RATE = 12.5e9;
const CHANNELS: ChannelSetup[] = [
  { property: "received", name: "net_rx", unit: "B/s", digits: 0, min: 0, max: MAX_RATE },
  { property: "sent", name: "net_tx", unit: "B/s", digits: 0, min: 0, max: MAX_RATE },
];

/**
 * The traffic of the interface that has carried most when this is called, loopback only where there is no other.
 * Undefined where `file` (proc(5), /proc/net/dev) is missing or lists none.
 *
 * A rate is the mean since the sample before. There is none for the first sample, and none for a counter that
 * went back: it wrapped, or the interface was made anew, and what passed meanwhile cannot be known.
 */
export function createNetworkSensor(file: string, now: () => number): NetworkSensor | undefined {
  if (!existsSync(file)) return undefined;
  const name = busiest(readInterfaces(file));
  if (name === undefined) return undefined;
  let last: { counters: Counters; at: number } | undefined;
  return {
    channels: CHANNELS,
    sample() {
      const counters = readInterfaces(file).get(name);
      const before = last;
      last = undefined;
      if (counters === undefined) throw new Error(`${file}: the network interface ${name} is gone`);
      last = { counters, at: now() };
      if (before === undefined || last.at <= before.at) return undefined;
      const seconds = (last.at - before.at) / 1000;
      const rate = (counter: keyof Counters) => {
        const bytes = counters[counter] - before.counters[counter];
        return bytes < 0 ? undefined : bytes / seconds;
      };
      return { received: rate("received"), sent: rate("sent") };
    },
  };
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
