import { Dice } from "./dice.js";
import { FAULT_NAMES } from "./faults/kinds.js";
import type { Failure, RunOptions } from "./options.js";
import { type RunResult, run } from "./run.js";

/** What a search has seen so far. */
export interface SearchTally {
  /** Runs, virtual milliseconds, frames signed, power cuts and resets. */
  runs: number;
  simulated: number;
  signed: number;
  cuts: number;
}

export interface Found {
  readonly options: RunOptions;
  readonly result: RunResult & { readonly failure: Failure };
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** What swarms run, at most: many small runs see more than one large one. */
const MOST_DEVICES = 12;
const MOST_HOURS = 8;

/**
 * Runs one set of options after the other until one fails or `isOver` says so. Returns what failed. `told` hears of each run when it is
 * over.
 */
export function search(
  all: Iterable<RunOptions>,
  tally: SearchTally,
  isOver: () => boolean,
  told: (options: RunOptions, result: RunResult) => void = () => {},
): Found | undefined {
  for (const options of all) {
    if (isOver()) return undefined;
    const result = run(options);
    tally.runs++;
    tally.simulated += result.simulated;
    tally.signed += result.frames.signed;
    tally.cuts += result.cuts;
    told(options, result);
    const { failure } = result;
    if (failure !== null) return { options, result: { ...result, failure } };
  }
  return undefined;
}

/** The same options with this seed, the next one and so on: `count` of them. */
export function* seedsFrom(options: RunOptions, count: number): Generator<RunOptions> {
  for (let i = 0; i < count; i++) yield { ...options, seed: options.seed + i };
}

/** From each seed its own number of boards, length, interval and subset of the faults, without end. */
export function* swarmFrom(options: RunOptions): Generator<RunOptions> {
  for (let seed = options.seed; ; seed++) {
    const dice = new Dice(`swarm ${seed}`);
    const share = dice.pick([20, 50, 80, 100]);
    const kinds = options.kinds.filter(() => dice.chance(share));
    yield {
      ...options,
      seed,
      devices: dice.between(1, Math.min(MOST_DEVICES, options.devices)),
      duration: Math.min(options.duration, dice.between(1, MOST_HOURS) * HOUR),
      interval: dice.pick([options.interval, options.interval / 2, 5 * options.interval]),
      kinds:
        kinds.length === 0 ? [dice.pick(options.kinds.length === 0 ? FAULT_NAMES : options.kinds)] : kinds,
    };
  }
}
