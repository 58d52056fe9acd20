/** Statements that wait, and bytes of them, at most. */
const MOST = 4096;
const MOST_BYTES = 16 << 20;

interface Waiter {
  readonly previous: string;
  readonly document: Uint8Array;
}

/**
 * Statements whose predecessor has not come. Anybody can sign such, so they are bounded: of too
 * many the one that came first goes, and is to be given again.
 */
export class Waiting {
  /** By their ids, in the order in which they came. */
  readonly #waiters = new Map<string, Waiter>();
  /** Ids of those that wait for one. */
  readonly #behind = new Map<string, string[]>();
  #bytes = 0;

  get size(): number {
    return this.#waiters.size;
  }

  /** Keeps a copy. */
  add(id: string, previous: string, document: Uint8Array): void {
    if (this.#waiters.has(id)) return;
    this.#waiters.set(id, { previous, document: document.slice() });
    this.#behind.set(previous, [...(this.#behind.get(previous) ?? []), id]);
    this.#bytes += document.length;
    while (this.#waiters.size > MOST || this.#bytes > MOST_BYTES)
      this.#drop(this.#waiters.keys().next().value as string);
  }

  /** Those that waited for `previous`, which wait no longer. */
  take(previous: string): Uint8Array[] {
    const ids = this.#behind.get(previous) ?? [];
    return ids.map((id) => this.#drop(id));
  }

  #drop(id: string): Uint8Array {
    const { previous, document } = this.#waiters.get(id) as Waiter;
    this.#waiters.delete(id);
    this.#bytes -= document.length;
    const others = (this.#behind.get(previous) ?? []).filter((other) => other !== id);
    if (others.length > 0) this.#behind.set(previous, others);
    else this.#behind.delete(previous);
    return document;
  }
}
