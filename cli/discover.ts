import { discoverBrokers } from "../host-sim/ports/discovery.js";

/** Seconds in which a broker must answer. */
const LIMIT = 3;

export interface BrokerOptions {
  readonly broker?: readonly string[];
  /** True, or the IPv4 address of the interface to ask on. */
  readonly discover?: boolean | string;
}

/**
 * URLs of the brokers that are named, and of those that mDNS finds: passwords are for the former only, as anybody can answer. Throws where
 * `--discover` is all there is, and nobody does.
 */
export async function findBrokers({ broker = [], discover = false }: BrokerOptions): Promise<string[]> {
  if (discover === false) return [...broker];
  let reason = "";
  const found = await discoverBrokers(LIMIT, {
    ...(typeof discover === "string" && { interface: discover }),
    observe: (event) => {
      if ("reason" in event) reason = ` (${event.reason})`;
    },
  });
  const urls = [...broker, ...found.filter((url) => !broker.includes(url)).sort()];
  if (urls.length === 0)
    throw new Error(
      `mDNS finds no broker${reason}: name one with --broker, or the interface with --discover`,
    );
  for (const url of found) process.stderr.write(`fieldmark: found ${url}\n`);
  return urls;
}
