/** SEC 1, uncompressed: 4, x, y. */
const POINT = 65;
const BLOCK = 1024;

/** Public keys in few arrays: each by itself would take three times its 65 bytes. */
export class Points {
  readonly #blocks: Uint8Array[] = [];
  #count = 0;

  /** Keeps a copy; returns its number. */
  add(point: Uint8Array): number {
    const index = this.#count++;
    if (index % BLOCK === 0) this.#blocks.push(new Uint8Array(POINT * BLOCK));
    this.set(index, point);
    return index;
  }

  set(index: number, point: Uint8Array): void {
    this.at(index).set(point);
  }

  /** A view. */
  at(index: number): Uint8Array {
    const start = POINT * (index % BLOCK);
    return (this.#blocks[Math.floor(index / BLOCK)] as Uint8Array).subarray(start, start + POINT);
  }
}
