import type { Link } from "../../agent/ports/link.js";
import type { Broker } from "../../agent/settings/broker.js";
import type { LinkTerms } from "../../firmware/platform.js";
import { addressOf } from "../../node/mqtt/broker-address.js";
import { createMqttLink } from "../../node/ports/link.js";

/** A simulated board's link to a broker, over this machine's network. */
export function linkTo(broker: Broker, { device, presence, inbox }: LinkTerms): Link {
  const { certificate: _, ...plain } = broker; // a simulated board has no TLS: check.ts refuses it
  const will = { topic: presence.topic, payload: presence.offline };
  return createMqttLink(addressOf(plain), `fieldmark-${device}`, 5, will, inbox);
}
