import { isSameBytes } from "../cose/kid.js";
import { fail, SettingError } from "../input-error.js";
import type { DiscoveryScope } from "../ports/discovery.js";
import { checkWitnesses } from "../receipt/witness-config.js";
import type { ChannelConfig } from "../sampler.js";
import type { Broker } from "./broker.js";
import { readCertificate } from "./certificate.js";
import { address, checkNames, count, type Given, list, number, object, objectOf, text } from "./given.js";
import { readWitnessKey } from "./witness-key.js";

/** A sensor as the configuration names it: `kind` picks the driver, the rest is the driver's and the sampler's. */
export interface SensorSettings {
  readonly kind: string;
  /** The driver's own: pins, address, resolution. */
  readonly options: object;
  /** Milliseconds from one sample to the next. */
  readonly interval: number;
  readonly channels: readonly ChannelConfig[];
  /** Milliseconds; see agent/sampler.ts. */
  readonly heartbeat?: number;
}

/** All that can be set on a device. The agent checks the ranges. */
export interface Settings {
  readonly network: string;
  readonly brokers: readonly Broker[];
  readonly sensors: readonly SensorSettings[];
  /** Readings in a frame, at most, and milliseconds that the oldest of them waits, at most. */
  readonly readings: number;
  readonly age: number;
  /** Brokers that each frame goes to, and that must have it before the journal lets it go: as many, where nothing is said. */
  readonly copies: number;
  readonly acknowledgements: number;
  /** Frames on their way at the same time, at most. */
  readonly window: number;
  /** Which frames of a backlog go first. */
  readonly order: "oldest" | "newest";
  /** Milliseconds after which a broker that is away is no longer waited for. */
  readonly absent: number;
  /** Milliseconds without an answer that is due, and between two tries to reach a broker. */
  readonly timeout: number;
  readonly backoff: { readonly min: number; readonly max: number };
  /** Milliseconds that new settings have to get a frame to a broker: agent/provision/trial.ts. */
  readonly trial: number;
  /** IPv4 addresses of name servers, where brokers have names. */
  readonly dns: readonly string[];
  /** Whether brokers that the link tells of are used too: none, those by TLS, or any (agent/ports/discovery.ts). */
  readonly discover: DiscoveryScope | false;
  /** What those by TLS are pinned to, X.509 in DER. Always there with "tls"; with "any" those by TLS are left out where it is missing. */
  readonly discoverCertificate?: Uint8Array;
  /** Whose word lets a frame leave its board: that of `acknowledgements` brokers, or of `witnesses` of those that have `witnessKeys`. */
  readonly keep: "brokers" | "witnesses";
  readonly witnesses?: number;
  /** Compressed public keys. Like `witnesses` always there where `keep` is "witnesses". */
  readonly witnessKeys?: readonly Uint8Array[];
}

/** The names of all settings; one that is missing here does not compile. */
const NAMES: { readonly [name in keyof Required<Settings>]: true } = Object.freeze({
  network: true,
  brokers: true,
  sensors: true,
  readings: true,
  age: true,
  copies: true,
  acknowledgements: true,
  window: true,
  order: true,
  absent: true,
  timeout: true,
  backoff: true,
  trial: true,
  dns: true,
  discover: true,
  discoverCertificate: true,
  keep: true,
  witnesses: true,
  witnessKeys: true,
});
const BROKER_NAMES = Object.freeze(["host", "port", "user", "password", "certificate"]);
const SENSOR_NAMES = Object.freeze(["kind", "options", "interval", "channels", "heartbeat"]);
const CHANNEL_NAMES = Object.freeze(["property", "name", "unit", "digits", "deadband"]);
const BACKOFF_NAMES = Object.freeze(["min", "max"]);

/** Milliseconds of a trial. */
const DEFAULT_TRIAL = 10 * 60_000;
/** MQTT's, and MQTT's over TLS (IANA). */
const DEFAULT_PORT = 1883;
const DEFAULT_TLS_PORT = 8883;
/** Frames on their way, at the very most: what a window of them takes is RAM. */
const MOST_FRAMES = 255;

/** What of a configuration is given twice is taken from the later one, whole. Throws SettingError. */
export function createSettings(config: object, overrides: object): Settings {
  const merged = { ...config, ...overrides } as { readonly [name: string]: unknown };
  const brokers = list(merged, "brokers").map((it, i) => createBroker(it, `brokers[${i}]`));
  return {
    network: text(merged, "network"),
    brokers,
    sensors: list(merged, "sensors").map((it, i) => createSensor(it, `sensors[${i}]`)),
    readings: number(merged, "readings"),
    age: number(merged, "age"),
    copies: number(merged, "copies"),
    acknowledgements: number(merged, merged.acknowledgements === undefined ? "copies" : "acknowledgements"),
    window: count(merged, "window", MOST_FRAMES),
    order: text(merged, "order") as Settings["order"],
    absent: number(merged, "absent"),
    timeout: number(merged, "timeout"),
    backoff: createBackoff(objectOf(merged.backoff, "backoff", BACKOFF_NAMES)),
    trial: merged.trial === undefined ? DEFAULT_TRIAL : number(merged, "trial"),
    dns: list(merged, "dns").map((it, i) => address(it, `dns[${i}]`)),
    ...createDiscover(merged, brokers),
    ...createKeep(merged),
  };
}

/**
 * Settings as they are stored: a JSON object. `others`: names of settings that the platform has besides these. Throws InputError that names
 * where they came from, or the setting that there is not.
 */
export function parseSettings(source: string, json: string, others: readonly string[] = []): object {
  let settings: unknown;
  try {
    settings = JSON.parse(json);
  } catch {
    // The engine's own words may repeat a part of it, and that a password.
    throw new SettingError(source, "not JSON");
  }
  if (Array.isArray(settings)) fail(source, "a list", "a JSON object");
  const found = object(settings, source);
  checkNames(found, [...Object.keys(NAMES), ...others]);
  return found;
}

function createBroker(given: unknown, where: string): Broker {
  const broker = objectOf(given, where, BROKER_NAMES);
  const { port, user, password, certificate } = broker;
  const defaultPort = certificate === undefined ? DEFAULT_PORT : DEFAULT_TLS_PORT;
  return {
    host: text(broker, "host", where),
    port: port === undefined ? defaultPort : count(broker, "port", 65_535, where),
    ...(user === undefined ? {} : { user: text(broker, "user", where) }),
    ...(password === undefined ? {} : { password: text(broker, "password", where) }),
    ...(certificate === undefined
      ? {}
      : { certificate: readCertificate(text(broker, "certificate", where), `${where}.certificate`) }),
  };
}

function createSensor(given: unknown, where: string): SensorSettings {
  const sensor = objectOf(given, where, SENSOR_NAMES);
  const { heartbeat } = sensor;
  return {
    kind: text(sensor, "kind", where),
    options: sensor.options === undefined ? {} : object(sensor.options, `${where}.options`),
    interval: number(sensor, "interval", where),
    channels: list(sensor, "channels", where).map((it, i) => createChannel(it, `${where}.channels[${i}]`)),
    ...(heartbeat === undefined ? {} : { heartbeat: number(sensor, "heartbeat", where) }),
  };
}

function createChannel(given: unknown, where: string): ChannelConfig {
  const channel = objectOf(given, where, CHANNEL_NAMES);
  const { deadband } = channel;
  return {
    property: text(channel, "property", where),
    name: text(channel, "name", where),
    unit: text(channel, "unit", where),
    digits: number(channel, "digits", where),
    ...(deadband === undefined ? {} : { deadband: number(channel, "deadband", where) }),
  };
}

/** Where `discoverCertificate` is not given it is the brokers' own, if they have one and the same. */
function createDiscover(
  given: Given,
  brokers: readonly Broker[],
): Pick<Settings, "discover" | "discoverCertificate"> {
  const { discover = false } = given;
  if (discover !== false && discover !== "tls" && discover !== "any")
    return fail("discover", discover, 'false, "tls" or "any"');
  const certificate =
    given.discoverCertificate === undefined
      ? commonCertificate(brokers)
      : readCertificate(text(given, "discoverCertificate"), "discoverCertificate");
  if (discover === "tls" && certificate === undefined)
    throw new SettingError(
      "discover",
      "tls needs a certificate: discoverCertificate, or one that is the same for all brokers",
    );
  return discover === false || certificate === undefined
    ? { discover }
    : { discover, discoverCertificate: certificate };
}

/** The certificate of all brokers that have one, or undefined where there is none, or several. */
function commonCertificate(brokers: readonly Broker[]): Uint8Array | undefined {
  let common: Uint8Array | undefined;
  for (const { certificate } of brokers) {
    if (certificate === undefined) continue;
    if (common !== undefined && !isSameBytes(common, certificate)) return undefined;
    common = certificate;
  }
  return common;
}

/** With "brokers" the witnesses are looked at, and not kept. */
function createKeep(given: Given): Pick<Settings, "keep" | "witnesses" | "witnessKeys"> {
  const { keep = "brokers" } = given;
  if (keep !== "brokers" && keep !== "witnesses") return fail("keep", keep, '"brokers" or "witnesses"');
  const isKept = keep === "witnesses";
  const witnesses = isKept || given.witnesses !== undefined ? number(given, "witnesses") : 0;
  const isGiven = isKept || given.witnessKeys !== undefined;
  const keys = isGiven ? list(given, "witnessKeys").map((it, i) => witnessKey(it, `witnessKeys[${i}]`)) : [];
  if (!isKept) return { keep };
  checkWitnesses({ keys, least: witnesses });
  return { keep, witnesses, witnessKeys: keys };
}

function witnessKey(given: unknown, where: string): Uint8Array {
  const key = typeof given === "string" ? readWitnessKey(given) : undefined;
  return key ?? fail(where, given, "a compressed public key in hex, or a did:key of secp256k1");
}

function createBackoff(given: Given): Settings["backoff"] {
  return { min: number(given, "min", "backoff"), max: number(given, "max", "backoff") };
}
