import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createPrng, type Prng } from "../agent/frame/mutate.js";

/** Something that takes what comes from outside. */
export interface Target {
  readonly name: string;
  /** Of so many inputs of a run this gets one, besides those that others get. */
  readonly share: number;
  /** Gives it one input, made by `random` alone. Throws where the target does what it must not. */
  input(random: Prng): void | Promise<void>;
  /** Ends what it has running. */
  end?(): Promise<void> | void;
}

export interface FuzzOptions {
  readonly seed: number;
  /** Made for this run alone. */
  readonly targets: readonly Target[];
  /** How much of the run is over after so many inputs: from 0 to 1. */
  readonly share: (done: number) => number;
  readonly progress?: (done: number, heap: number) => void;
}

export interface FuzzResult {
  readonly inputs: number;
  /** By target. */
  readonly counts: ReadonlyMap<string, number>;
  /** Bytes in use after a collection, at the end of each third of the run. */
  readonly heaps: readonly number[];
}

/** An input did harm. `message` says how to give it again. */
export class FuzzFinding extends Error {}

/** Inputs from one turn of the event loop to the next: timers of the targets run then. */
const TURN = 256;

/**
 * Gives inputs to the targets, in turn by their shares. Each input has a seed of its own, which
 * follows from `seed` and its number alone, so that one can be given again without those before
 * it. Throws FuzzFinding.
 */
export async function fuzz({ seed, targets, share, progress }: FuzzOptions): Promise<FuzzResult> {
  const order = targets.flatMap((target) => Array.from({ length: target.share }, () => target));
  const counts = new Map<string, number>();
  const heaps: number[] = [];
  let done = 0;
  try {
    for (let part = 1; part <= PARTS; part++) {
      for (; share(done) < part / PARTS; done++) {
        if (done % TURN === 0) await new Promise((resolve) => setImmediate(resolve));
        const target = order[(done * STEP) % order.length] as Target;
        await give(target, seed, done);
        counts.set(target.name, (counts.get(target.name) ?? 0) + 1);
      }
      heaps.push(await heapInUse());
      progress?.(done, heaps.at(-1) as number);
    }
  } finally {
    for (const target of targets) await target.end?.();
  }
  return { inputs: done, counts, heaps };
}

const PARTS = 3;
/** A prime, so that neighbours in the order are not neighbours in time. */
const STEP = 7919;

/** Gives a target the input with this number. */
export async function give(target: Target, seed: number, number: number): Promise<void> {
  try {
    await target.input(createPrng((Math.imul(seed, 0x9e3779b1) + number) >>> 0));
  } catch (error) {
    const said = error instanceof Error ? error.stack : String(error);
    throw new FuzzFinding(
      `${target.name}: ${said}\nagain: node scripts/fuzz.js --target ${target.name} --seed ${seed} --input ${number}`,
      { cause: error },
    );
  }
}

/**
 * Runs what may refuse what it is given, by throwing one of these classes and nothing else.
 * Undefined where it did.
 */
export function refusable<T>(
  work: () => T,
  ...classes: readonly (new (
    ...given: never[]
  ) => Error)[]
): T | undefined {
  try {
    return work();
  } catch (error) {
    mustBe(error, classes);
    return undefined;
  }
}

/** The same of what promises. */
export async function refusableLater<T>(
  work: () => Promise<T>,
  ...classes: readonly (new (
    ...given: never[]
  ) => Error)[]
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    mustBe(error, classes);
    return undefined;
  }
}

function mustBe(error: unknown, classes: readonly (new (...given: never[]) => Error)[]): void {
  if (!classes.some((one) => error instanceof one)) throw error;
}

async function heapInUse(): Promise<number> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  for (let i = 0; i < 2; i++) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
