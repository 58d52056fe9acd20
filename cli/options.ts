import { InvalidArgumentError } from "commander";
import { keyOfDid } from "../agent/frame/identity.js";
import { isCarriedName, isNetworkName } from "../agent/frame/name.js";
import { InputError } from "../agent/input-error.js";
import { type BrokerAddress, nameOf, parseBrokerUrl } from "../node/mqtt/broker-address.js";
import { textOfVariable } from "../node/text-file.js";
import { isBoardName, NAME_IS, type Position, parsePosition } from "../provision/names/place.js";

const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** 24 days: timers of Node hold 2^31 - 1 ms, and fire at once for more. */
export const MAX_DURATION = 24 * 86_400_000;

/** `500ms`, `15s`, `2m`, `24h`, `1d`: milliseconds, at most 24 days. */
export function duration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text);
  const milliseconds = Number(match?.[1]) * (UNITS[match?.[2] ?? ""] ?? Number.NaN);
  if (!(milliseconds > 0)) throw new InvalidArgumentError("A duration looks like 500ms, 15s, 2m or 24h.");
  if (milliseconds > MAX_DURATION) throw new InvalidArgumentError("A duration is at most 24d.");
  return milliseconds;
}

/** A parser of whole numbers from `least` to `most`. */
export function count(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most)
      throw new InvalidArgumentError(`It is a whole number from ${least} to ${most}.`);
    return value;
  };
}

/**
 * A repeatable broker URL. One without a user name gets FIELDMARK_BROKER_USER and FIELDMARK_BROKER_PASSWORD from the
 * environment. Throws InputError, which commander passes on as it is: its own would repeat the URL with its password.
 */
export function brokers(text: string, before: readonly BrokerAddress[] = []): BrokerAddress[] {
  const broker = withCredentials(parseBrokerUrl(text));
  if (before.some((other) => nameOf(other) === nameOf(broker)))
    throw new InputError("--broker: the same broker twice: name each once");
  return [...before, broker];
}

/**
 * `brokers` for a technician's tools: the URL has no password, which others on the machine could see. Throws InputError that does not repeat it.
 */
export function brokersWithoutPassword(text: string, before?: readonly BrokerAddress[]): BrokerAddress[] {
  if (parseBrokerUrl(text).password !== undefined)
    throw new InputError(
      "--broker: others on this machine can see a password in a URL: set FIELDMARK_BROKER_USER and FIELDMARK_BROKER_PASSWORD, or name its file in a site file (password_file)",
    );
  return brokers(text, before);
}

function withCredentials(broker: BrokerAddress): BrokerAddress {
  const user = textOfVariable("FIELDMARK_BROKER_USER");
  const password = textOfVariable("FIELDMARK_BROKER_PASSWORD");
  if (broker.user !== undefined) return broker;
  if (!user && password)
    throw new InputError("FIELDMARK_BROKER_PASSWORD needs FIELDMARK_BROKER_USER beside it");
  if (!user) return broker;
  return { ...broker, user, ...(password && { password }) };
}

/** `3,17`; `none` is an empty list. */
export function numbers(text: string): readonly number[] {
  if (text === "none") return [];
  const list = text.split(",").map(Number);
  if (!/^\d+(,\d+)*$/.test(text))
    throw new InvalidArgumentError('They are whole numbers with commas between, like 3,17, or "none".');
  return list;
}

const SIZES: Record<string, number> = {
  B: 1,
  kB: 1e3,
  KB: 1e3,
  KiB: 2 ** 10,
  MB: 1e6,
  MiB: 2 ** 20,
  GB: 1e9,
  GiB: 2 ** 30,
};

/** `500KB`, `100MB`, `1GiB`: bytes. */
export function size(text: string): number {
  const match = /^(\d+(?:\.\d+)?)([A-Za-z]+)$/.exec(text);
  const bytes = Math.round(Number(match?.[1]) * (SIZES[match?.[2] ?? ""] ?? Number.NaN));
  if (!Number.isSafeInteger(bytes)) throw new InvalidArgumentError("A size looks like 500KB, 100MB or 1GB.");
  return bytes;
}

/** Of a network that is there. */
export function networkName(text: string): string {
  if (!isNetworkName(text)) throw new InvalidArgumentError("It has 1 to 64 letters, digits, or - : . _");
  return text;
}

/** Of a network that boards are to be in. */
export function chosenNetworkName(text: string): string {
  if (!isCarriedName(networkName(text)))
    throw new InvalidArgumentError(
      'A dot in it is not carried by every broker: RabbitMQ turns it into /, NATS refuses it. Write "demo-site".',
    );
  return text;
}

/** An owner's public name: did:key of secp256k1. */
export function ownerDid(text: string): string {
  try {
    keyOfDid(text);
  } catch (error) {
    throw new InvalidArgumentError(`${(error as Error).message}. fieldmark keygen --show says it.`);
  }
  return text;
}

/** The name of a file or folder. */
export function path(text: string): string {
  if (text === "") throw new InvalidArgumentError("It is empty: name a file or folder.");
  return text;
}

/** What people will call a board. */
export function boardName(text: string): string {
  if (!isBoardName(text)) throw new InvalidArgumentError(`It has ${NAME_IS}.`);
  return text;
}

/** `47.3769,8.5417,408`. */
export function position(text: string): Position {
  try {
    return parsePosition(text);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

/** A witness's HTTP, without a slash at its end. */
export function witnessUrl(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new InvalidArgumentError("It looks like http://127.0.0.1:8788.");
  return text.replace(/\/+$/, "");
}
