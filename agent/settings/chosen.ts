import { isCarriedName, isNetworkName } from "../frame/name.js";
import { fail } from "../input-error.js";
import { isHost } from "./host.js";

/**
 * What is asked of settings when somebody chooses them, beyond what a board boots with: settings that are stored already go on. `present`: the
 * network that the board signs for. Throws InputError that names the setting and shows how it is written.
 */
export function checkChosen(given: object, present?: unknown): void {
  const { network, brokers, sntp } = given as { readonly [name: string]: unknown };
  if (typeof network === "string" && network !== present) checkNetwork(network);
  if (Array.isArray(brokers)) for (let i = 0; i < brokers.length; i++) checkBroker(brokers[i], i);
  if (typeof sntp === "string" && sntp !== "" && !isHost(sntp))
    fail("sntp", "it", 'a host\'s name or address alone, as in "pool.ntp.org"');
}

/** Names without a form of their own are createSettings' to refuse. */
function checkNetwork(network: string): void {
  if (isNetworkName(network) && !isCarriedName(network))
    fail("network", "it", 'carried by every broker: no dot, as in "demo-site"');
}

function checkBroker(broker: unknown, i: number): void {
  const { host } = (broker ?? {}) as { readonly host?: unknown };
  if (typeof host === "string" && host !== "" && !isHost(host))
    fail(
      `brokers[${i}].host`,
      "it",
      'a host\'s name or address alone, as in "host": "10.0.0.2", "port": 1883',
    );
}
