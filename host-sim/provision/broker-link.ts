import type { Link } from "../../agent/ports/link.js";
import type { Broker } from "../../agent/settings/broker.js";
import type { LinkTerms } from "../../firmware/platform.js";
import { createMqttLink } from "../ports/link.js";

/** A simulated board's link to a broker, over this machine's network. One whose host is none is never reached. */
export function linkTo({ host, port, user, password }: Broker, { device, presence, inbox }: LinkTerms): Link {
  const name = `${host.includes(":") ? `[${host}]` : host}:${port}`; // RFC 3986 §3.2.2
  if (!URL.canParse(`mqtt://${name}`)) return unreachable(name);
  const url = new URL(`mqtt://${name}`);
  if (user !== undefined) url.username = encodeURIComponent(user);
  if (password !== undefined) url.password = encodeURIComponent(password);
  const will = { topic: presence.topic, payload: presence.offline };
  return createMqttLink(url.href, `fieldmark-${device}`, 5, will, inbox);
}

function unreachable(name: string): Link {
  return {
    name,
    open: (handler) => void setImmediate(() => handler.closed("it is not a host name or address")),
    publish() {},
    close() {},
  };
}
