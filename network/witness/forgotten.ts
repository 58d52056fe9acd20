import { comparePositions, type Position } from "../../agent/frame/chain.js";

/** Runs of a device at the most: so many gaps may lie open among what is forgotten. */
const RUNS = 256;

/** Positions of one boot: `first` to `last`, both included. */
interface Run {
  readonly boot: number;
  first: number;
  last: number;
}

/**
 * Positions of a device whose frames came, and whose hashes are remembered no longer. They lie in runs without gaps, so that a frame
 * that never came is told from one that did, however old it is. Where there are too many runs, all up to the end of the first is
 * taken to have come.
 */
export class ForgottenFrames {
  /** In the order of signing, and apart. */
  readonly #runs: Run[] = [];
  #floor: Position | undefined;

  has(position: Position): boolean {
    if (this.#floor !== undefined && comparePositions(position, this.#floor) <= 0) return true;
    const run = this.#runs[this.#indexFor(position)];
    return run !== undefined && run.boot === position.boot && position.sequence <= run.last;
  }

  /** Adds a position that is not known. Most often it comes after all others. */
  add({ boot, sequence }: Position): void {
    const runs = this.#runs;
    const at = this.#indexFor({ boot, sequence });
    const before = runs[at];
    const after = runs[at + 1];
    const continues = before?.boot === boot && before.last + 1 === sequence;
    const precedes = after?.boot === boot && sequence + 1 === after.first;
    if (continues && precedes) {
      before.last = after.last;
      runs.splice(at + 1, 1);
    } else if (continues) before.last = sequence;
    else if (precedes) after.first = sequence;
    else {
      runs.splice(at + 1, 0, { boot, first: sequence, last: sequence });
      if (runs.length <= RUNS) return;
      const { boot: oldest, last } = runs.shift() as Run;
      this.#floor = { boot: oldest, sequence: last };
    }
  }

  /** The last run that begins at or before a position, or -1. */
  #indexFor({ boot, sequence }: Position): number {
    let index = this.#runs.length - 1;
    for (; index >= 0; index--) {
      const run = this.#runs[index] as Run;
      if (run.boot < boot || (run.boot === boot && run.first <= sequence)) break;
    }
    return index;
  }
}
