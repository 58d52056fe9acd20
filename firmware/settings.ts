import type { ChannelConfig } from "../agent/sampler.js";
import type { Broker } from "./ports/broker.js";

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
  /** Frames that wait for a broker, at most, and brokers that each goes to. */
  readonly outboxFrames: number;
  readonly copies: number;
  /** Milliseconds without an answer that is due, and between two tries to reach a broker. */
  readonly timeout: number;
  readonly backoff: { readonly min: number; readonly max: number };
  /** IPv4 addresses of name servers, where brokers have names. */
  readonly dns: readonly string[];
}

const DEFAULT_PORT = 1883;
/** Frames that a board's RAM could hold at the very most. */
const MOST_FRAMES = 1024;

/** What of a configuration is given twice is taken from the later one, whole. Throws RangeError that names the setting. */
export function createSettings(config: object, overrides: object): Settings {
  const merged = { ...config, ...overrides } as { readonly [name: string]: unknown };
  return {
    network: text(merged, "network"),
    brokers: list(merged, "brokers").map((it, i) => createBroker(it, `brokers[${i}]`)),
    sensors: list(merged, "sensors").map((it, i) => createSensor(it, `sensors[${i}]`)),
    readings: number(merged, "readings"),
    age: number(merged, "age"),
    outboxFrames: count(merged, "outboxFrames", MOST_FRAMES),
    copies: number(merged, "copies"),
    timeout: number(merged, "timeout"),
    backoff: createBackoff(object(merged.backoff, "backoff")),
    dns: list(merged, "dns").map((it, i) => address(it, `dns[${i}]`)),
  };
}

/** Settings as they are stored: a JSON object. Throws RangeError that names where they came from. */
export function parseSettings(source: string, json: string): object {
  let settings: unknown;
  try {
    settings = JSON.parse(json);
  } catch (error) {
    throw new RangeError(`${source}: ${String(error)}`);
  }
  if (Array.isArray(settings)) fail(source, "a list", "a JSON object");
  return object(settings, source);
}

function createBroker(given: unknown, where: string): Broker {
  const broker = object(given, where);
  const { user, password } = broker;
  return {
    host: text(broker, "host", where),
    port: broker.port === undefined ? DEFAULT_PORT : count(broker, "port", 65_535, where),
    ...(user === undefined ? {} : { user: text(broker, "user", where) }),
    ...(password === undefined ? {} : { password: text(broker, "password", where) }),
  };
}

function createSensor(given: unknown, where: string): SensorSettings {
  const sensor = object(given, where);
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
  const channel = object(given, where);
  const { deadband } = channel;
  return {
    property: text(channel, "property", where),
    name: text(channel, "name", where),
    unit: text(channel, "unit", where),
    digits: number(channel, "digits", where),
    ...(deadband === undefined ? {} : { deadband: number(channel, "deadband", where) }),
  };
}

function createBackoff(given: Given): Settings["backoff"] {
  return { min: number(given, "min", "backoff"), max: number(given, "max", "backoff") };
}

/** An IPv4 address. */
function address(given: unknown, where: string): string {
  const parts = typeof given === "string" ? given.split(".") : [];
  const isByte = (part: string) =>
    part !== "" && Number(part) >= 0 && Number(part) <= 255 && Number(part) % 1 === 0;
  if (parts.length !== 4 || !parts.every(isByte)) fail(where, given, "an IPv4 address");
  return given as string;
}

type Given = { readonly [name: string]: unknown };

function object(given: unknown, where: string): Given {
  if (typeof given !== "object" || given === null) fail(where, given, "an object");
  return given as Given;
}

function text(given: Given, name: string, where = ""): string {
  const value = given[name];
  if (typeof value !== "string" || value === "") fail(at(where, name), value, "a text");
  return value as string;
}

function number(given: Given, name: string, where = ""): number {
  const value = given[name];
  if (typeof value !== "number") fail(at(where, name), value, "a number");
  return value as number;
}

function count(given: Given, name: string, most: number, where = ""): number {
  const value = number(given, name, where);
  if (!(value >= 1 && value <= most && value % 1 === 0))
    fail(at(where, name), value, `a whole number from 1 to ${most}`);
  return value;
}

function list(given: Given, name: string, where = ""): readonly unknown[] {
  const value = given[name];
  if (!Array.isArray(value) || (value.length === 0 && name !== "dns"))
    fail(at(where, name), value, "a list with something in it");
  return value as readonly unknown[];
}

const at = (where: string, name: string) => (where === "" ? name : `${where}.${name}`);

function fail(setting: string, value: unknown, allowed: string): never {
  throw new RangeError(`${setting}: ${String(value)} is not ${allowed}`);
}
