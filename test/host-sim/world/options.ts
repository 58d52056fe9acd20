import { FAULT_NAMES } from "../../../host-sim/world/faults/kinds.js";
import type { RunOptions } from "../../../host-sim/world/options.js";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

/** A small world with all faults, and what a test wants otherwise. */
export function optionsOf(change: Partial<RunOptions> = {}): RunOptions {
  return {
    seed: 1,
    devices: 2,
    brokers: 3,
    duration: HOUR,
    interval: MINUTE,
    kinds: FAULT_NAMES,
    ...change,
  };
}
