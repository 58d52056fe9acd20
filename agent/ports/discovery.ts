/**
 * A broker that says of itself that it is there. Nobody vouches for it: whoever is on the link can say so. It carries signed frames, which it
 * cannot forge; it can read what it is sent, and acknowledge frames and drop them, which verifiers see as a gap. So it stands in
 * for brokers that are configured, and user names and passwords, which are theirs, must not be given to it.
 */
export interface FoundBroker {
  /** What people call it: 1 to 63 characters of printable ASCII. What was another character shows as "?". */
  readonly name: string;
  /**
   * Its host's name, in lower case, always of `.local`. With `tls`, the name that its certificate must be for, besides being signed by
   * the pinned one; no public authority may sign for `.local`, so that none of their customers can stand in.
   */
  readonly host: string;
  /** IPv4 in decimal; a host whose address is no other host's: not 0.0.0.0/8, multicast or above, nor this machine itself. */
  readonly address: string;
  /** 1 to 65535. */
  readonly port: number;
  /** MQTT over TLS (`_secure-mqtt._tcp`), not plain (`_mqtt._tcp`). */
  readonly tls: boolean;
}

/**
 * Which brokers are told of. "tls" is for boards that have a pinned certificate: they use plain ones
 * only where "any" is asked for.
 */
export type DiscoveryScope = "tls" | "any";

export interface DiscoveryEvent {
  /** The network cannot be asked now. It is tried again. */
  readonly type: "discovery-failed";
  readonly reason: string;
}

/** Finds brokers on the local link: DNS-based service discovery (RFC 6763) over multicast DNS (RFC 6762), IPv4 only. */
export interface Discovery {
  /**
   * Tells of brokers until `stop`: of each once, and again when its address or port changed; at most `MAX_FOUND` times in all, so that a
   * link full of liars costs no more than that. Never from inside `start`. Must not throw where there is no network, nor at anything
   * that is received. Must not be called twice without a `stop` between; `found` must not throw.
   */
  start(found: (broker: FoundBroker) => void): void;
  /** Nothing is called back any more. Harmless where it was not started. */
  stop(): void;
}

export const SERVICES = Object.freeze([
  Object.freeze({ type: "_secure-mqtt._tcp", tls: true }),
  Object.freeze({ type: "_mqtt._tcp", tls: false }),
] as const);

/** As many as an uplink has room for. */
export const MAX_FOUND = 30;

const MAX_NAME = 63;
const MAX_HOST = 253;
const DOMAIN = ".local";
const LOOPBACK = 127;
const MULTICAST = 224;

/** Passes on what a discovery heard, as its contract says: cleaned, each once, not too much. */
export class FoundBrokers {
  readonly #found: (broker: FoundBroker) => void;
  readonly #scope: DiscoveryScope;
  readonly #isLoopback: boolean;
  readonly #told = new Set<string>();

  /** `isLoopback`: this machine itself may be told of; for tests. */
  constructor(found: (broker: FoundBroker) => void, scope: DiscoveryScope, isLoopback = false) {
    this.#found = found;
    this.#scope = scope;
    this.#isLoopback = isLoopback;
  }

  /** Any values: a broker that is not one is left out. */
  offer({ name, host, address, port, tls }: FoundBroker): void {
    if (this.#told.size === MAX_FOUND || (!tls && this.#scope === "tls")) return;
    if (!Number.isInteger(port) || port < 1 || port > 65_535) return;
    const lower = host.toLowerCase();
    if (!isHost(lower) || !isUnicast(address, this.#isLoopback)) return;
    const key = tls ? `${lower} ${address}:${port}` : `${address}:${port}`;
    if (this.#told.has(key)) return;
    this.#told.add(key);
    this.#found({ name: printable(name), host: lower, address, port, tls });
  }
}

/** Letters, digits, hyphens and underscores in labels, in `.local`. */
function isHost(host: string): boolean {
  if (host.length > MAX_HOST || host.length <= DOMAIN.length || !host.endsWith(DOMAIN)) return false;
  for (const label of host.split(".")) if (label.length === 0 || label.length > 63) return false;
  for (let i = 0; i < host.length; i++) {
    const code = host.charCodeAt(i);
    const isLetter = code >= 0x61 && code <= 0x7a;
    const isDigit = code >= 0x30 && code <= 0x39;
    if (!isLetter && !isDigit && code !== 0x2d && code !== 0x2e && code !== 0x5f) return false;
  }
  return true;
}

function isUnicast(address: string, isLoopback: boolean): boolean {
  const bytes = address.split(".").map(Number);
  const first = bytes[0] ?? 0;
  if (bytes.join(".") !== address || bytes.length !== 4) return false;
  if (!bytes.every((byte) => Number.isInteger(byte) && byte >= 0 && byte <= 255)) return false;
  return first > 0 && first < MULTICAST && (isLoopback || first !== LOOPBACK);
}

function printable(name: string): string {
  let clean = "";
  for (let i = 0; i < name.length && i < MAX_NAME; i++) {
    const code = name.charCodeAt(i);
    clean += code >= 0x20 && code < 0x7f ? name.charAt(i) : "?";
  }
  return clean === "" ? "?" : clean;
}
