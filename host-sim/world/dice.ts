/**
 * Chance that is the same on every machine: 32-bit integers, no floating point but exact products. Each part of a world has dice of
 * its own, by a name, so that leaving out one board or one fault changes nothing of what befalls the others.
 */
export class Dice {
  readonly #name: string;
  #a: number;
  #b: number;
  #c: number;
  #count = 1;

  /** The same name gives the same numbers. */
  constructor(name: string) {
    this.#name = name;
    this.#a = hashText(name, 0x9e3779b9);
    this.#b = hashText(name, 0x85ebca6b);
    this.#c = hashText(name, 0xc2b2ae35);
    for (let i = 0; i < 12; i++) this.next();
  }

  /** Dice of a part, which do not depend on how often these were thrown. */
  fork(part: string | number): Dice {
    return new Dice(`${this.#name}/${part}`);
  }

  /** 0 to 2^32 - 1. A counter keeps three words of xor, shift and add from short cycles (the shape of Doty-Humphrey's sfc32). */
  next(): number {
    const result = (((this.#a + this.#b) | 0) + this.#count) | 0;
    this.#count = (this.#count + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + result) | 0;
    return result >>> 0;
  }

  /** A whole number from 0 to `bound` - 1; `bound` at most 2^20, or the product would not be exact. */
  below(bound: number): number {
    return Math.floor((this.next() * bound) / 0x1_0000_0000);
  }

  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number {
    const span = most - least + 1;
    return least + (span <= 0x10_0000 ? this.below(span) : this.next() % span);
  }

  /** True in `percent` of 100 throws. */
  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  pick<T>(list: readonly T[]): T {
    const item = list[this.below(list.length)];
    if (item === undefined) throw new RangeError("nothing to pick from");
    return item;
  }

  fill(into: Uint8Array): void {
    for (let i = 0; i < into.length; i++) into[i] = this.next() >>> 24;
  }
}

/** FNV-1a over the text's code units, then mixed so that names that differ in their last character differ in all bits. */
function hashText(text: string, seed: number): number {
  let hash = seed | 0;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b | 0);
  return hash ^ (hash >>> 16);
}
