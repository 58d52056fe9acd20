import type { Link } from "../../agent/ports/link.js";
import type { Broker } from "../../agent/settings/broker.js";
import type { LinkTerms } from "../../firmware/platform.js";
import { createMqttLink } from "../../node/ports/link.js";

/** A simulated board's link to a broker, over this machine's network. */
export function linkTo(broker: Broker, { device, presence, inbox }: LinkTerms): Link {
  const { host, port, user, password } = broker;
  const credentials = { ...(user !== undefined && { user }), ...(password !== undefined && { password }) };
  const address = { protocol: "mqtt", tls: false, host, port, path: "", ...credentials } as const;
  const will = { topic: presence.topic, payload: presence.offline };
  return createMqttLink(address, `fieldmark-${device}`, 5, will, inbox);
}
