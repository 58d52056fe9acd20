import type { Random } from "../ports/random.js";

/** Milliseconds. */
export interface BackoffConfig {
  readonly min: number;
  readonly max: number;
}

/** Tries after which the wait is no longer than at first by more than this power of two. */
const FIRST = 3;

const { floor, min } = Math;

/**
 * How long to wait before try number `attempt` (from 0): anything from `config.min` up to eight times that at first, twice as much each
 * time, at most `config.max`. The whole span is used, so that boards which lost a broker together do not come back together.
 */
export function backoffDelay(config: BackoffConfig, attempt: number, random: Random): number {
  const longest = min(config.max, config.min * 2 ** min(attempt + FIRST, 30));
  return spread(config.min, longest, random);
}

/** Somewhere from `from` to `to`, all alike likely. */
export function spread(from: number, to: number, random: Random): number {
  const bytes = new Uint8Array(2);
  random.fill(bytes);
  const fraction = ((bytes[0] as number) * 256 + (bytes[1] as number)) / 65536;
  return floor(from + (to - from) * fraction);
}
