import { InputError } from "../../agent/input-error.js";
import { visibleLine } from "../../text/visible.js";

/** Where an MQTT broker is and who one is there: what a broker's URL says, taken apart once. MQTT.js never gets the URL. */
export interface BrokerAddress {
  readonly protocol: "mqtt" | "mqtts" | "ws" | "wss";
  readonly tls: boolean;
  /** A name or an address; that of IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  /** Of ws and wss, with its query, which may hold a token; else empty. */
  readonly path: string;
  readonly user?: string;
  readonly password?: string;
  /**
   * PEM: the broker's own, or that of the authority which signed it. Left out: what Node believes.
   */
  readonly certificate?: string;
}

/** A broker as boards and site files have it. */
export interface BrokerSettings {
  readonly host: string;
  /** Left out: IANA's. */
  readonly port?: number;
  readonly user?: string;
  readonly password?: string;
  readonly certificate?: string;
}

type Protocol = BrokerAddress["protocol"];

/** The schemes that other MQTT programs write, and what they mean. */
const PROTOCOLS: Readonly<Record<string, Protocol>> = {
  mqtt: "mqtt",
  tcp: "mqtt",
  mqtts: "mqtts",
  ssl: "mqtts",
  tls: "mqtts",
  ws: "ws",
  wss: "wss",
};
/** IANA's, and those of HTTP. */
const PORTS: Readonly<Record<Protocol, number>> = { mqtt: 1883, mqtts: 8883, ws: 80, wss: 443 };

const FORM = "mqtt://host:1883 or mqtts://host:8883";
const AS_THEY_ARE = "(FIELDMARK_BROKER_PASSWORD takes them as they are)";
/** A string of MQTT has no U+0000, and should have no other control character (MQTT 3.1.1 §1.5.3). */
const CONTROL = /\p{Cc}/u;

/**
 * Takes a broker's URL apart. `option`: what it was given by. Throws InputError that shows the right form, and nothing of what was given: any part
 * of a URL that is not right may be a password.
 */
export function parseBrokerUrl(text: string, option = "--broker"): BrokerAddress {
  const fail = (reason: string): never => {
    throw new InputError(`${option}: not a broker URL: ${reason}`);
  };
  const [, scheme = "", rest] = /^([^:/?#@]*):\/\/(.*)$/s.exec(text.trim()) ?? [];
  if (rest === undefined) return fail(`it looks like ${FORM}`);
  const protocol = Object.hasOwn(PROTOCOLS, scheme.toLowerCase())
    ? PROTOCOLS[scheme.toLowerCase()]
    : undefined;
  if (protocol === undefined)
    return fail(`it begins with mqtt://, mqtts:// (TLS), ws:// or wss://; it looks like ${FORM}`);
  const end = rest.search(/[/?#]/);
  const authority = end < 0 ? rest : rest.slice(0, end);
  const after = end < 0 ? "" : rest.slice(end);
  if (after.includes("@"))
    return fail(`/ ? # in a user name or password are written %2F %3F %23 ${AS_THEY_ARE}`);
  const at = authority.lastIndexOf("@");
  const place = placeOf(authority.slice(at + 1), protocol, fail);
  return {
    protocol,
    tls: protocol === "mqtts" || protocol === "wss",
    ...place,
    path: pathOf(after, protocol, fail),
    ...(at >= 0 && credentialsOf(authority.slice(0, at), fail)),
  };
}

/** Where a broker of a board's settings is. `tls`: left out, where there is a certificate. */
export function addressOf(
  { host, port, user, password, certificate }: BrokerSettings,
  tls = certificate !== undefined,
): BrokerAddress {
  const protocol = tls ? "mqtts" : "mqtt";
  return {
    protocol,
    tls,
    host,
    port: port ?? PORTS[protocol],
    path: "",
    ...(user !== undefined && { user }),
    ...(password !== undefined && { password }),
    ...(certificate !== undefined && { certificate }),
  };
}

/** What may be shown of it: no user, no password, no query. Two that lead to one place have one name. */
export function nameOf({ protocol, host, port, path }: BrokerAddress): string {
  const shown = path.replace(/\?.*/s, "").replace(/^\/$/, "");
  return visibleLine(`${protocol}://${bracketed(host)}:${port}${shown}`);
}

/** The same as MQTT.js takes it. In a URL it would split user and password at the wrong colon, and take any query's clientId. */
export function mqttOptions({ protocol, host, port, path, user, password, certificate }: BrokerAddress) {
  return {
    protocol,
    port,
    // For WebSockets it makes a URL of them.
    ...(path === "" ? { host } : { hostname: bracketed(host), path }),
    ...(user !== undefined && { username: user }),
    ...(password !== undefined && { password }),
    ...(certificate !== undefined && { ca: certificate, allowPartialTrustChain: true }),
  };
}

/** RFC 3986 §3.2.2. */
const bracketed = (host: string) => (host.includes(":") ? `[${host}]` : host);

function placeOf(
  given: string,
  protocol: Protocol,
  fail: (reason: string) => never,
): Pick<BrokerAddress, "host" | "port"> {
  const [, inBrackets, plain = "", , port] = /^(?:\[([^\]]*)\]|([^:]*))(:(.*))?$/s.exec(given) ?? [];
  if (inBrackets === undefined && /:.*:/s.test(given))
    return fail(
      `an IPv6 address is written in brackets, as in ${protocol}://[2001:db8::7]:${PORTS[protocol]}`,
    );
  const host = inBrackets === undefined ? nameIn(plain) : addressIn(inBrackets);
  if (host === undefined)
    return fail(
      inBrackets === undefined
        ? `its host is a name or an address; it looks like ${FORM}`
        : `brackets are for an IPv6 address, as in ${protocol}://[2001:db8::7]:${PORTS[protocol]}`,
    );
  if (port === undefined) return { host, port: PORTS[protocol] };
  const number = Number(port);
  if (!/^\d{1,5}$/.test(port) || number < 1 || number > 65_535)
    return fail(
      `its port is a number from 1 to 65535; it looks like ${FORM}, with a user mqtt://user:password@host:1883`,
    );
  return { host, port: number };
}

/** A host's name or IPv4 address; undefined where it is neither. Names beyond ASCII as the name service has them (RFC 5891). */
function nameIn(given: string): string | undefined {
  const host = /^\p{ASCII}*$/u.test(given) ? given : asciiOf(given);
  if (host.length > 253 || !/^[\w-]+(\.[\w-]+)*\.?$/.test(host)) return undefined;
  if (!/^[\d.]+$/.test(host)) return host;
  return /^(0|[1-9]\d{0,2})(\.(0|[1-9]\d{0,2})){3}$/.test(host) &&
    host.split(".").every((it) => Number(it) < 256)
    ? host
    : undefined;
}

function asciiOf(name: string): string {
  const url = `http://${name}`;
  return /^[\p{L}\p{M}\p{N}_.-]+$/u.test(name) && URL.canParse(url) ? new URL(url).hostname : "";
}

/** An IPv6 address, with its zone where it has one: RFC 6874 writes the sign before that %25, people write %. */
function addressIn(given: string): string | undefined {
  const [, address = "", , zone = ""] = /^([\da-f:.]+)(%(?:25)?([\w.-]+))?$/i.exec(given) ?? [];
  if (!address.includes(":") || !URL.canParse(`http://[${address}]`)) return undefined;
  return zone === "" ? address.toLowerCase() : `${address.toLowerCase()}%${zone}`;
}

function pathOf(after: string, protocol: Protocol, fail: (reason: string) => never): string {
  if (after.includes("#"))
    return fail(`there is no # after the host; in a user name or password it is written %23 ${AS_THEY_ARE}`);
  if (/[?&]client_?id=/i.test(after))
    return fail(`each session gets a client id by itself: leave it away; it looks like ${FORM}`);
  if (protocol === "ws" || protocol === "wss") {
    if (/[\s\p{Cc}]/u.test(after)) return fail("a space in a path is written %20");
    return after.startsWith("/") ? after : `/${after}`;
  }
  if (after !== "" && after !== "/")
    return fail(
      `nothing follows the port of ${protocol}://; a path is for ws:// and wss://; it looks like ${FORM}`,
    );
  return "";
}

function credentialsOf(
  given: string,
  fail: (reason: string) => never,
): Pick<BrokerAddress, "user" | "password"> {
  const colon = given.indexOf(":");
  const user = decoded(colon < 0 ? given : given.slice(0, colon), fail);
  const password = colon < 0 ? "" : decoded(given.slice(colon + 1), fail);
  if (CONTROL.test(user + password)) return fail("a user name or password has a control character in it");
  if (user === "" && password !== "")
    return fail("a password needs a user: it looks like mqtt://user:password@host:1883");
  return { ...(user !== "" && { user }), ...(password !== "" && { password }) };
}

function decoded(text: string, fail: (reason: string) => never): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return fail(`% in a user name or password is written %25 ${AS_THEY_ARE}`);
  }
}
