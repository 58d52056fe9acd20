import { InvalidArgumentError } from "commander";
import { isNetworkName } from "../agent/frame/name.js";
import { checkBrokerUrl } from "../network/mqtt.js";

const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `500ms`, `15s`, `2m`, `24h`, `1d`: milliseconds. */
export function duration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text);
  const milliseconds = Number(match?.[1]) * (UNITS[match?.[2] ?? ""] ?? Number.NaN);
  if (!(milliseconds > 0)) throw new InvalidArgumentError("A duration looks like 500ms, 15s, 2m or 24h.");
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

/** A repeatable broker URL. */
export function brokers(url: string, before: readonly string[] = []): string[] {
  try {
    return [...before, checkBrokerUrl(url)];
  } catch (error) {
    throw new InvalidArgumentError(`It is ${(error as Error).message}.`);
  }
}

export function networkName(text: string): string {
  if (!isNetworkName(text)) throw new InvalidArgumentError("It has 1 to 64 letters, digits, or - : . _");
  return text;
}
