import type { FoundBroker } from "../agent/ports/discovery.js";
import type { Broker } from "../agent/settings/broker.js";

/**
 * The broker behind what a discovery heard, for a link: by TLS under its name, which its certificate must be for, else by its address. Never with a user
 * or a password, since nobody vouches for it. Undefined where it is one by TLS and there is no certificate to pin it to.
 */
export function brokerOf(found: FoundBroker, certificate: Uint8Array | undefined): Broker | undefined {
  const { host, address, port, tls } = found;
  if (!tls) return { host: address, port };
  return certificate === undefined ? undefined : { host, port, certificate };
}
