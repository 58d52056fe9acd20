import type { Position } from "../../agent/frame/chain.js";

/** Bytes of a hash: as many as a frame's `prev` has. */
const HASH = 16;
/** Hashes in a block. */
const BLOCK = 64;
const scratch = Buffer.alloc(HASH * BLOCK);

/** Frames of one boot without a gap. */
interface Run {
  readonly boot: number;
  /** Sequence of the first one that is remembered, and how many before it stand in the first block. */
  first: number;
  forgotten: number;
  /** BLOCK hashes each, a character a byte; and those that fill no block yet. */
  readonly blocks: string[];
  rest: string;
}

/**
 * Hashes of frames by position. Frames come almost in order, so they lie in runs without gaps, in the order of signing:
 * 17 bytes a frame, and little for a device of few. (A byte array of its own takes 250 bytes on V8, a text 16.)
 */
export class SeenFrames {
  #runs: readonly Run[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Whether the frame at this position has this hash (16 bytes in lower-case hex); undefined where none is known. */
  has(position: Position, hash: string): boolean | undefined {
    const run = this.#runs[this.#indexFor(position)];
    if (run === undefined || run.boot !== position.boot || position.sequence >= nextOf(run)) return undefined;
    const index = run.forgotten + position.sequence - run.first;
    const block = run.blocks[Math.floor(index / BLOCK)] ?? run.rest;
    scratch.write(hash, 0, HASH, "hex");
    return block.startsWith(scratch.toString("latin1", 0, HASH), HASH * (index % BLOCK));
  }

  /** Adds a position that is not known. */
  add(position: Position, hash: string): void {
    const index = this.#indexFor(position);
    let run = this.#runs[index];
    if (run === undefined || run.boot !== position.boot || nextOf(run) !== position.sequence) {
      run = { boot: position.boot, first: position.sequence, forgotten: 0, blocks: [], rest: "" };
      this.#runs = this.#runs.slice(0, index + 1).concat(run, this.#runs.slice(index + 1));
    }
    // Through the buffer, as a sum of two texts would keep both.
    const end = scratch.write(run.rest, 0, "latin1");
    scratch.write(hash, end, HASH, "hex");
    run.rest = scratch.toString("latin1", 0, end + HASH);
    if (run.rest.length === HASH * BLOCK) {
      run.blocks.push(run.rest);
      run.rest = "";
    }
    this.#size++;
  }

  /** Forgets the position that was signed first, and returns it. Throws RangeError where there is none. */
  forgetFirst(): Position {
    const run = this.#runs[0];
    if (run === undefined) throw new RangeError("no frame is remembered");
    const forgotten = { boot: run.boot, sequence: run.first };
    run.first++;
    run.forgotten++;
    this.#size--;
    if (run.forgotten === BLOCK) {
      run.blocks.shift();
      run.forgotten = 0;
    }
    if (nextOf(run) === run.first) this.#runs = this.#runs.slice(1);
    return forgotten;
  }

  /** The last run that begins at or before a position; -1 where none does. Most often it is the last of all. */
  #indexFor(position: Position): number {
    let index = this.#runs.length - 1;
    for (; index >= 0; index--) {
      const { boot, first } = this.#runs[index] as Run;
      if (boot < position.boot || (boot === position.boot && first <= position.sequence)) break;
    }
    return index;
  }
}

/** The sequence after the run's last. */
function nextOf({ first, forgotten, blocks, rest }: Run): number {
  return first - forgotten + BLOCK * blocks.length + rest.length / HASH;
}
