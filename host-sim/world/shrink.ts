import type { Failure, RunOptions } from "./options.js";
import { numberOf } from "./plan.js";
import { planOf, type RunResult, run } from "./run.js";

export interface Shrunk {
  readonly options: RunOptions;
  readonly result: RunResult & { readonly failure: Failure };
  /** Runs that it took. */
  readonly runs: number;
}

const MINUTE = 60_000;

/**
 * Makes a failing run smaller: fewer faults, fewer boards, shorter, as long as the same oracle fires. Bounded: at most `most` runs, and
 * none is begun once `isOver` says so. Returns the smallest that it found.
 */
export function shrink(
  options: RunOptions,
  result: RunResult & { readonly failure: Failure },
  most: number,
  isOver: () => boolean = () => false,
): Shrunk {
  const shrinker = new Shrinker(options, result, most, isOver);
  shrinker.shorten();
  shrinker.leaveOutBoards();
  shrinker.leaveOutFaults();
  shrinker.leaveOutBoards();
  shrinker.shorten();
  return shrinker.best;
}

class Shrinker {
  best: Shrunk;
  readonly #oracle: string;
  readonly #most: number;
  readonly #isOver: () => boolean;
  #runs = 0;

  constructor(
    options: RunOptions,
    result: RunResult & { readonly failure: Failure },
    most: number,
    isOver: () => boolean,
  ) {
    this.best = { options, result, runs: 0 };
    this.#oracle = result.failure.oracle;
    this.#most = most;
    this.#isOver = isOver;
  }

  /** Leaves out what comes after the failure; then tries half of what is left, again and again. */
  shorten(): void {
    const { options, result } = this.best;
    const whole = Math.min(options.duration, options.until ?? options.duration);
    const needed = Math.ceil(Math.max(result.failure.at, MINUTE) / MINUTE) * MINUTE;
    if (needed < whole) this.#try({ until: needed });
    for (let until = this.#length() / 2; until >= MINUTE; until /= 2)
      if (!this.#try({ until: Math.ceil(until / MINUTE) * MINUTE })) break;
  }

  /** Only the board that failed; or else those that the faults left strike, and it. */
  leaveOutBoards(): void {
    const { options, result } = this.best;
    const { board } = result.failure;
    const all = options.boards ?? Array.from({ length: options.devices }, (_, index) => index);
    if (all.length <= 1) return;
    if (board !== null && this.#try({ boards: [numberOf(board)] })) return;
    // Halves, then single boards, as below with faults.
    this.#minimise(all, (boards) => boards.length > 0 && this.#try({ boards }));
  }

  /** Delta debugging (Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002). */
  leaveOutFaults(): void {
    const numbers = planOf(this.best.options).map(({ number }) => number);
    if (this.#try({ only: [] })) return;
    this.#minimise(numbers, (only) => this.#try({ only }));
  }

  /** Leaves out parts of a list, larger ones first, where `keeps` says that what is left still fails. */
  #minimise(list: readonly number[], keeps: (left: readonly number[]) => boolean): void {
    let left = list;
    for (let size = Math.ceil(left.length / 2); size >= 1 && left.length > 1; size = Math.floor(size / 2)) {
      for (let at = 0; at < left.length; ) {
        const without = [...left.slice(0, at), ...left.slice(at + size)];
        if (keeps(without)) left = without;
        else at += size;
      }
    }
  }

  #length(): number {
    const { duration, until = duration } = this.best.options;
    return until;
  }

  #try(change: Partial<RunOptions>): boolean {
    if (this.#runs >= this.#most || this.#isOver()) return false;
    this.#runs++;
    const options = { ...this.best.options, ...change };
    const result = run(options);
    const { failure } = result;
    if (failure?.oracle !== this.#oracle) {
      this.best = { ...this.best, runs: this.#runs };
      return false;
    }
    this.best = { options, result: { ...result, failure }, runs: this.#runs };
    return true;
  }
}
