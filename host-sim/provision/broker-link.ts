import type { Link } from "../../agent/ports/link.js";
import type { Broker } from "../../agent/settings/broker.js";
import type { LinkTerms } from "../../firmware/platform.js";
import { createMqttLink } from "../ports/link.js";

/** A simulated board's link to a broker, over this machine's network. Throws TypeError for a host that is none. */
export function linkTo({ host, port, user, password }: Broker, { device, presence, inbox }: LinkTerms): Link {
  const url = new URL(`mqtt://${authority(host)}:${port}`);
  if (user !== undefined) url.username = encodeURIComponent(user);
  if (password !== undefined) url.password = encodeURIComponent(password);
  const will = { topic: presence.topic, payload: presence.offline };
  return createMqttLink(url.href, `fieldmark-${device}`, 5, will, inbox);
}

/** As RFC 3986 §3.2.2 has it. */
export function authority(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
