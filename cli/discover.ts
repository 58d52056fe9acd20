import { isIPv4 } from "node:net";
import { InputError } from "../agent/input-error.js";
import { type BrokerAddress, nameOf } from "../node/mqtt/broker-address.js";
import { discoverBrokers } from "../node/ports/discovery.js";
import { warn } from "./output.js";

/** Seconds in which a broker must answer. */
const LIMIT = 3;

export interface BrokerOptions {
  readonly broker?: readonly BrokerAddress[];
  /** True, or the IPv4 address of the interface to ask on. */
  readonly discover?: boolean | string;
}

/**
 * The brokers that are named, and of those that mDNS finds: passwords are for the former only, as anybody can answer. Throws where
 * `--discover` is all there is, and nobody does.
 */
export async function findBrokers({
  broker = [],
  discover = false,
}: BrokerOptions): Promise<BrokerAddress[]> {
  if (discover === false) return [...broker];
  if (typeof discover === "string" && !isIPv4(discover))
    throw new InputError("--discover: the IPv4 address of an interface of this machine, as in 10.0.0.7");
  let reason = "";
  const found = await discoverBrokers(LIMIT, {
    ...(typeof discover === "string" && { interface: discover }),
    observe: (event) => {
      if ("reason" in event) reason = ` (${event.reason})`;
    },
  });
  const named = broker.map(nameOf);
  const others = found.filter((it) => !named.includes(nameOf(it)));
  others.sort((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1));
  const all = [...broker, ...others];
  if (all.length === 0)
    throw new Error(
      `mDNS finds no broker${reason}: name one with --broker, or the interface with --discover`,
    );
  for (const it of found) warn(`found ${nameOf(it)}`);
  return all;
}
