/** Slots of a table at the least, and at the most; half of them are filled. */
const LEAST = 16;
const MOST = 4096;

/**
 * Whether a hash was added, by 32 bits of it: a first look, of which a hit wants a second. The newest MOST / 2 are all in it, and up
 * to as many before them. 8 to 16 bytes each, and a look costs the same however many there are.
 */
export class Fingerprints {
  #now = new Uint32Array(LEAST);
  #before = new Uint32Array(0);
  #count = 0;

  get bytes(): number {
    return this.#now.byteLength + this.#before.byteLength;
  }

  has(fingerprint: number): boolean {
    return isIn(this.#now, fingerprint) || isIn(this.#before, fingerprint);
  }

  add(fingerprint: number): void {
    if (2 * this.#count >= this.#now.length) this.#makeRoom();
    put(this.#now, fingerprint);
    this.#count++;
  }

  #makeRoom(): void {
    const full = this.#now;
    if (full.length >= MOST) {
      this.#before = full;
      this.#now = new Uint32Array(MOST);
      this.#count = 0;
      return;
    }
    this.#now = new Uint32Array(2 * full.length);
    for (const fingerprint of full) if (fingerprint !== 0) put(this.#now, fingerprint);
  }
}

/** 0 is an empty slot. */
const told = (fingerprint: number) => fingerprint || 1;

function put(table: Uint32Array, fingerprint: number): void {
  table[slotFor(table, told(fingerprint))] = told(fingerprint);
}

function isIn(table: Uint32Array, fingerprint: number): boolean {
  return table.length > 0 && table[slotFor(table, told(fingerprint))] !== 0;
}

/** Where it stands, or the empty slot where it would. */
function slotFor(table: Uint32Array, fingerprint: number): number {
  const mask = table.length - 1;
  let at = fingerprint & mask;
  while (table[at] !== 0 && table[at] !== fingerprint) at = (at + 1) & mask;
  return at;
}
