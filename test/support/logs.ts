import { createHash } from "node:crypto";
import { createTreeHasher } from "../../network/log/tree-hash.js";
import type { LogFiles } from "../../network/ports/log-files.js";
import { createNoteKey } from "../../node/ports/note-keys.js";
import { hasher } from "../../node/ports/signer.js";

export const tree = createTreeHasher(hasher);

/** A key for notes, another one for each name. */
export const noteKey = (name: string) => createNoteKey(createHash("sha256").update(name).digest());

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Entries that say which they are. `mark`: those of another history. */
export const entriesOf = (from: number, to: number, mark = ""): Uint8Array[] =>
  Array.from({ length: to - from }, (_, at) => utf8(`entry ${from + at}${mark}`));

/** A log's files in memory. `contents` outlives it, as a disk does. */
export function memoryLogFiles(contents: Map<string, Uint8Array> = new Map()): LogFiles {
  return {
    isEmpty: () => contents.size === 0,
    read: (path) => contents.get(path)?.slice(),
    write(path, bytes) {
      contents.set(path, bytes.slice());
    },
    forget(path) {
      for (const name of contents.keys()) if (name.startsWith(`${path}/`)) contents.delete(name);
    },
  };
}

const sha256 = (...parts: Uint8Array[]) =>
  Uint8Array.from(parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest());
export const plainLeaf = (entry: Uint8Array): Uint8Array => sha256(Uint8Array.of(0), entry);

/** MTH of RFC 6962 §2.1 over leaf hashes, as it stands there: none of our code has a part in it. */
export function plainRoot(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return leaves[0] as Uint8Array;
  const k = 2 ** Math.floor(Math.log2(leaves.length - 1));
  return sha256(Uint8Array.of(1), plainRoot(leaves.slice(0, k)), plainRoot(leaves.slice(k)));
}
