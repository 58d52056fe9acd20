import type { Position } from "../../../agent/frame/chain.js";

const nameOf = ({ boot, sequence }: Position) => `${boot}/${sequence}`;

/** In place of the witness's SeenFrames, which packs hashes into Node's buffers: the tests need few. */
export class SeenFrames {
  readonly #hashes = new Map<string, string>();

  get size(): number {
    return this.#hashes.size;
  }

  has(position: Position, hash: string): boolean | undefined {
    const known = this.#hashes.get(nameOf(position));
    return known === undefined ? undefined : known === hash;
  }

  get runs(): number {
    return 1;
  }

  get bytes(): number {
    return 0;
  }

  knows(hash: string): boolean {
    return [...this.#hashes.values()].includes(hash);
  }

  add(position: Position, hash: string): void {
    this.#hashes.set(nameOf(position), hash);
  }

  forgetFirst(): Position {
    throw new RangeError("the tests remember all");
  }
}
