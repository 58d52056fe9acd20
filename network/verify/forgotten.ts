import { comparePositions, type Position } from "../../agent/frame/chain.js";
import { PositionRanges } from "./position-ranges.js";

/** Runs of a device at the most: so many gaps may lie open among what is forgotten. */
const RUNS = 256;

/**
 * Positions of a device whose frames came, and whose hashes are remembered no longer. They lie in runs without gaps, so that a frame
 * that never came is told from one that did, however old it is. Where there are too many runs, all up to the end of the first is
 * taken to have come.
 */
export class ForgottenFrames {
  readonly #runs = new PositionRanges();
  #floor: Position | undefined;

  get bytes(): number {
    return this.#runs.bytes;
  }

  has(position: Position): boolean {
    if (this.#floor !== undefined && comparePositions(position, this.#floor) <= 0) return true;
    return this.#runs.has(position);
  }

  /** Adds a position that is not known. */
  add({ boot, sequence }: Position): void {
    this.#runs.add({ boot, first: sequence, last: sequence });
    if (this.#runs.size <= RUNS) return;
    const oldest = this.#runs.removeFirst();
    if (oldest !== undefined) this.#floor = { boot: oldest.boot, sequence: oldest.last };
  }
}
