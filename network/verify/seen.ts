import { unhex } from "../../agent/cose/kid.js";
import type { Position } from "../../agent/frame/chain.js";
import { textOf, writeText } from "../bytes.js";
import { Fingerprints } from "./fingerprints.js";

/** Bytes of a hash: as many as a frame's `prev` has. */
const HASH = 16;
/** Hashes in a block. Each frame writes again those that fill no block yet: few, or it takes more than all else. */
const BLOCK = 16;
/** What a run takes beside its hashes, on V8. */
const RUN = 240;
const scratch = new Uint8Array(HASH * BLOCK);
const NO_BLOCKS: string[] = [];

/** Frames of one boot without a gap. */
interface Run {
  readonly boot: number;
  /** Sequence of the first one that is remembered, and how many before it stand in the first block. */
  first: number;
  forgotten: number;
  /** BLOCK hashes each, a character a byte; and those that fill no block yet. */
  blocks: string[];
  rest: string;
}

/**
 * Hashes of frames by position. Frames come almost in order, so they lie in runs without gaps, in the order of signing:
 * 18 bytes a frame, and little for a device of few. (A byte array of its own takes 250 bytes on V8, a text 16.)
 */
export class SeenFrames {
  readonly #runs: Run[] = [];
  readonly #fingerprints = new Fingerprints();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get runs(): number {
    return this.#runs.length;
  }

  /** What it takes. */
  get bytes(): number {
    return HASH * this.#size + RUN * this.#runs.length + this.#fingerprints.bytes;
  }

  /** Whether the frame at this position has this hash (16 bytes in lower-case hex); undefined where none is known. */
  has(position: Position, hash: string): boolean | undefined {
    const run = this.#runs[this.#indexFor(position)];
    if (run === undefined || run.boot !== position.boot || position.sequence >= nextOf(run)) return undefined;
    const index = run.forgotten + position.sequence - run.first;
    const block = run.blocks[Math.floor(index / BLOCK)] ?? run.rest;
    return block.startsWith(textOf(unhex(hash)), HASH * (index % BLOCK));
  }

  /** Whether some frame that is remembered has this hash. Where none has, it costs one look, but for one time in a million. */
  knows(hash: string): boolean {
    if (!this.#fingerprints.has(fingerprintOf(hash))) return false;
    const text = textOf(unhex(hash));
    return this.#runs.some(({ blocks, rest, forgotten }) =>
      [...blocks, rest].some((block, i) => isIn(block, text, i === 0 ? HASH * forgotten : 0)),
    );
  }

  /** Adds a position that is not known. */
  add(position: Position, hash: string): void {
    const index = this.#indexFor(position);
    let run = this.#runs[index];
    if (run === undefined || run.boot !== position.boot || nextOf(run) !== position.sequence) {
      run = { boot: position.boot, first: position.sequence, forgotten: 0, blocks: NO_BLOCKS, rest: "" };
      this.#runs.splice(index + 1, 0, run);
    }
    // Through an array, as a sum of two texts would keep both.
    const end = writeText(run.rest, scratch, 0);
    writeHex(hash, scratch, end);
    run.rest = textOf(scratch, end + HASH);
    if (run.rest.length === HASH * BLOCK) {
      if (run.blocks === NO_BLOCKS) run.blocks = [];
      run.blocks.push(run.rest);
      run.rest = "";
    }
    this.#fingerprints.add(fingerprintOf(hash));
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
    if (nextOf(run) === run.first) this.#runs.shift();
    return forgotten;
  }

  /** The last run that begins at or before a position; -1 where none does. Most often it is the last of all. */
  #indexFor({ boot, sequence }: Position): number {
    let low = 0;
    let high = this.#runs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const run = this.#runs[middle] as Run;
      if (run.boot < boot || (run.boot === boot && run.first <= sequence)) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

/** As `unhex`, without a call a byte. */
function writeHex(hash: string, into: Uint8Array, at: number): void {
  for (let i = 0; i < hash.length; i += 2)
    into[at + (i >> 1)] = (digitOf(hash.charCodeAt(i)) << 4) | digitOf(hash.charCodeAt(i + 1));
}

/** Of a lower-case hex digit's code. */
function digitOf(code: number): number {
  return code < 58 ? code - 48 : code - 87;
}

function fingerprintOf(hash: string): number {
  return Number.parseInt(hash.slice(0, 8), 16);
}

/** Whether a block has a hash, in one of its places from `from` on. */
function isIn(block: string, hash: string, from: number): boolean {
  let at = block.indexOf(hash, from);
  while (at >= 0 && at % HASH !== 0) at = block.indexOf(hash, at + 1);
  return at >= 0;
}

/** The sequence after the run's last. */
function nextOf({ first, forgotten, blocks, rest }: Run): number {
  return first - forgotten + BLOCK * blocks.length + rest.length / HASH;
}
