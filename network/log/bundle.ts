/** Bytes of an entry at most: its length is a uint16 (tlog-tiles, "Log entries"). */
export const MAX_ENTRY_BYTES = 65_535;
const LENGTH_BYTES = 2;

/** An entry bundle: each entry after its length in bytes, a uint16, big-endian. */
export function writeBundle(entries: readonly Uint8Array[]): Uint8Array {
  const bundle = new Uint8Array(entries.reduce((sum, entry) => sum + LENGTH_BYTES + entry.length, 0));
  let at = 0;
  for (const entry of entries) {
    bundle[at] = entry.length >> 8;
    bundle[at + 1] = entry.length & 0xff;
    bundle.set(entry, at + LENGTH_BYTES);
    at += LENGTH_BYTES + entry.length;
  }
  return bundle;
}

/** The first `count` entries of a bundle, as copies; undefined where it is cut short or has fewer. */
export function readBundle(bundle: Uint8Array, count: number): Uint8Array[] | undefined {
  const entries: Uint8Array[] = [];
  let at = 0;
  while (entries.length < count) {
    if (at + LENGTH_BYTES > bundle.length) return undefined;
    const length = ((bundle[at] as number) << 8) | (bundle[at + 1] as number);
    at += LENGTH_BYTES + length;
    if (at > bundle.length) return undefined;
    entries.push(bundle.slice(at - length, at));
  }
  return entries;
}
