import type { Random } from "../ports/random.js";

/** Milliseconds. */
export interface BackoffConfig {
  readonly min: number;
  readonly max: number;
}

/**
 * How long to wait before try number `attempt` (from 0): twice as long each time up to `max`, and somewhere in the
 * upper half of that at random, so that boards which lost a broker together do not come back together.
 */
export function backoffDelay(config: BackoffConfig, attempt: number, random: Random): number {
  const longest = Math.min(config.max, config.min * 2 ** Math.min(attempt, 30));
  const bytes = new Uint8Array(2);
  random.fill(bytes);
  const fraction = ((bytes[0] as number) * 256 + (bytes[1] as number)) / 65536;
  return Math.floor((longest / 2) * (1 + fraction));
}
