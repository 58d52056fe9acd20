import type { CborReader } from "../cbor/reader.js";

/**
 * Reads a map's key, which is to be `expected`. `what`: its name, for people. `siblings`: the keys
 * of this map. One of them in the wrong place is another encoding of the same thing. Throws
 * CborError.
 */
export function expectKey(
  reader: CborReader,
  expected: number,
  what: string,
  siblings: readonly number[],
): void {
  const key = reader.int();
  if (key === expected) return;
  const code = siblings.includes(key) ? "unsorted-keys" : "unexpected";
  reader.fail(code, `expected the key ${expected} (${what}), found ${key}`);
}

/**
 * Keys in bytewise order of their encoding: 0, 1, 2 … then -1, -2 … `key` was read just now, after
 * `previous`. Throws CborError.
 */
export function checkOrder(reader: CborReader, previous: number, key: number): void {
  if (key === previous) reader.fail("duplicate-key", `the key ${key} twice in a record`);
  const sorted = previous >= 0 ? key < 0 || key > previous : key < previous;
  if (!sorted) reader.fail("unsorted-keys", `the key ${key} after ${previous}`);
}
