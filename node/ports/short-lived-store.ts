import type { KeyValue } from "../../agent/ports/key-value.js";

const KEY = /^[a-z0-9-]{1,15}$/;
/** Boards have the same few keys: each is kept once. */
const KEYS = new Map<string, string>();

/**
 * Values in memory, for a board of a large fleet: a text with a character for each byte takes a sixth of what a byte
 * array of its own does. Few keys: they are looked for one after another.
 */
export class ShortLivedStore implements KeyValue {
  /** Key, value, key, value. */
  #entries: string[] = [];

  get(key: string): Uint8Array | undefined {
    const at = this.#find(key);
    return at < 0 ? undefined : new Uint8Array(Buffer.from(this.#entries[at + 1] as string, "latin1"));
  }

  set(key: string, value: Uint8Array): void {
    const at = this.#find(key);
    const text = Buffer.from(value.buffer, value.byteOffset, value.length).toString("latin1");
    if (at >= 0) this.#entries[at + 1] = text;
    else this.#entries = this.#entries.concat(shared(key), text); // `push` would make room for 16 more
  }

  delete(key: string): void {
    const at = this.#find(key);
    if (at >= 0) this.#entries.splice(at, 2);
  }

  /** -1 where it is not there. Throws RangeError for what is no key. */
  #find(key: string): number {
    if (!KEY.test(key)) throw new RangeError(`key: 1 to 15 characters of a-z, 0-9, -; not "${key}"`);
    for (let at = 0; at < this.#entries.length; at += 2) if (this.#entries[at] === key) return at;
    return -1;
  }
}

function shared(key: string): string {
  const known = KEYS.get(key);
  if (known === undefined) KEYS.set(key, key);
  return known ?? key;
}
