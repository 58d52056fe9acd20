import { InputError } from "../../agent/input-error.js";
import type { FetchLogFile } from "../ports/log-source.js";
import type { NoteChecker } from "../ports/note-keys.js";
import type { Checkpoint } from "./checkpoint.js";
import type { ForkEvidence } from "./fork.js";
import type { KeptCheckpoint, KeptCheckpoints } from "./kept-checkpoints.js";
import type { VerifierKey } from "./note-key.js";
import { openCheckpoint } from "./open-checkpoint.js";
import { partedRoots } from "./proof-check.js";
import { partingRanges } from "./proof-ranges.js";
import { TILE_BYTES, type Tile, tilePath } from "./tile.js";
import { pathsOf, rangeHash, tileIn, tilesOf } from "./tiled-tree.js";
import { createTreeHasher, sameHash, type TreeHasher } from "./tree-hash.js";

export interface WatchParts {
  readonly checker: NoteChecker;
  /** The other log's key; its name is the log's origin. */
  readonly key: VerifierKey;
  readonly fetch: FetchLogFile;
  readonly kept: KeptCheckpoints;
}

/** What a checkpoint of another log turned out to be. */
export type Sighting =
  /** The first of this log; the same tree again; one with more entries; one that was seen before the last. */
  | { readonly kind: "first" | "same" | "larger" | "older"; readonly checkpoint: Checkpoint }
  /** The log signed two trees of which one does not begin with the other. */
  | { readonly kind: "fork"; readonly evidence: ForkEvidence }
  /** No checkpoint that this log signed. */
  | { readonly kind: "refused"; readonly reason: string }
  /** The files that would show whether it is consistent cannot be had, or are not those of the tree. */
  | { readonly kind: "unproven"; readonly reason: string };

/** Follows another witness's log: believes a checkpoint only where it goes on from the last one. */
export class Watch {
  readonly #parts: WatchParts;
  readonly #tree: TreeHasher;

  constructor(parts: WatchParts) {
    this.#parts = parts;
    this.#tree = createTreeHasher(parts.checker);
  }

  /**
   * Looks at a checkpoint, a note, and remembers it where it is the first or larger than the last,
   * durably, before it says so. Rejects only where that fails.
   */
  async see(note: Uint8Array): Promise<Sighting> {
    const { key, checker, kept } = this.#parts;
    let seen: KeptCheckpoint;
    try {
      seen = { ...openCheckpoint(note, key, checker).checkpoint, note };
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      return { kind: "refused", reason: error.message };
    }
    if (seen.size === 0 && !sameHash(seen.root, this.#tree.empty))
      return { kind: "refused", reason: "a tree without entries that has another root" };
    for (;;) {
      const last = kept.last(key.name);
      const sighting = last === undefined ? plain("first", seen) : await this.#compare(last, seen);
      if (sighting.kind !== "first" && sighting.kind !== "larger") return sighting;
      // Another one may have come while tiles were fetched: then this one is compared with that.
      if (kept.last(key.name)?.size !== last?.size) continue;
      kept.keep(key.name, note);
      return sighting;
    }
  }

  async #compare(last: KeptCheckpoint, seen: KeptCheckpoint): Promise<Sighting> {
    if (last.size === seen.size)
      return sameHash(last.root, seen.root)
        ? plain("same", seen)
        : { kind: "fork", evidence: { older: last.note, newer: seen.note, hashes: [] } };
    const [older, newer] = last.size < seen.size ? [last, seen] : [seen, last];
    const consistent = plain(newer === seen ? "larger" : "older", seen);
    if (older.size === 0) return consistent;
    const hashes = await this.#fetchHashes(older.size, newer.size);
    if (typeof hashes === "string") return { kind: "unproven", reason: hashes };
    const roots = partedRoots(this.#tree, older.size, newer.size, hashes);
    if (roots === undefined || !sameHash(roots.new, newer.root))
      return { kind: "unproven", reason: "its tiles are not those of its checkpoint" };
    if (sameHash(roots.old, older.root)) return consistent;
    return { kind: "fork", evidence: { older: older.note, newer: newer.note, hashes } };
  }

  /** The hashes of `partingRanges`, from the log's tiles, of which nothing is proven; or why there are none. */
  async #fetchHashes(old: number, size: number): Promise<Uint8Array[] | string> {
    const ranges = partingRanges(old, size);
    const tiles = new Map<string, Uint8Array>();
    try {
      for (const [path, tile] of tilesOf(ranges, size)) {
        const bytes = await this.#fetchTile(tile);
        if (bytes === undefined) return `${path} is not there, or has another length`;
        tiles.set(path, bytes);
      }
    } catch (error) {
      return (error as Error).message;
    }
    const read = (tile: Tile) => tiles.get(tilePath(tile)) as Uint8Array;
    return ranges.map((range) => rangeHash(this.#tree, range, size, read));
  }

  async #fetchTile(tile: Tile): Promise<Uint8Array | undefined> {
    for (const path of pathsOf(tile)) {
      const file = await this.#parts.fetch(path, TILE_BYTES);
      if (file !== undefined) return tileIn(file, tile);
    }
    return undefined;
  }
}

const plain = (
  kind: "first" | "same" | "larger" | "older",
  { origin, size, root }: Checkpoint,
): Sighting => ({
  kind,
  checkpoint: { origin, size, root },
});
