import { DIGEST_BYTES } from "../../agent/frame/layout.js";
import { writeBundle } from "./bundle.js";
import { CompactRange } from "./compact-range.js";
import { partialsPath, TILE_HEIGHT, TILE_WIDTH, type Tile, tilePath } from "./tile.js";
import type { TreeHasher } from "./tree-hash.js";

/** All of a log that has to be in memory in order to append to it: its right end. Never changed. */
export interface TreeEnd {
  readonly range: CompactRange;
  /** The hashes of the partial tile of each level, 0 to 255 of them. */
  readonly tiles: readonly (readonly Uint8Array[])[];
  /** The entries of the partial bundle, 0 to 255 of them. */
  readonly bundle: readonly Uint8Array[];
}

export interface Growth {
  readonly end: TreeEnd;
  /** The tiles and bundles that the larger tree has and the smaller one had not, by path. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** The folders of partial ones of which there is a full one now. */
  readonly unwanted: readonly string[];
}

export const emptyEnd = (tree: TreeHasher): TreeEnd => ({
  range: new CompactRange(tree),
  tiles: [],
  bundle: [],
});

/** A tree with `entries` behind those that it has. */
export function grow(tree: TreeHasher, end: TreeEnd, entries: readonly Uint8Array[]): Growth {
  const range = end.range.copy();
  const added: Uint8Array[][] = [];
  for (const entry of entries)
    range.append(tree.leaf(entry), (height, _, hash) => {
      if (height % TILE_HEIGHT !== 0) return;
      added[height / TILE_HEIGHT] ??= [];
      added[height / TILE_HEIGHT]?.push(hash);
    });
  const files = new Map<string, Uint8Array>();
  const unwanted: string[] = [];

  /** Lays `more` behind the `old` of a partial tile; returns the partial tile after them. */
  function lay(
    level: Tile["level"],
    old: readonly Uint8Array[],
    more: readonly Uint8Array[],
    write: (part: readonly Uint8Array[]) => Uint8Array,
  ): Uint8Array[] {
    const all = [...old, ...more];
    const below = level === "entries" ? 0 : level;
    const first = Math.floor(end.range.size / TILE_WIDTH ** (below + 1));
    let part: Uint8Array[] = [];
    for (let at = 0; at < all.length; at += TILE_WIDTH) {
      part = all.slice(at, at + TILE_WIDTH);
      const tile = { level, index: first + at / TILE_WIDTH, width: part.length };
      files.set(tilePath(tile), write(part));
      if (at === 0 && old.length > 0 && part.length === TILE_WIDTH) unwanted.push(partialsPath(tile));
    }
    return part.length === TILE_WIDTH ? [] : part;
  }

  const bundle = entries.length === 0 ? end.bundle : lay("entries", end.bundle, entries, writeBundle);
  const levels = Math.max(added.length, end.tiles.length);
  const tiles = Array.from({ length: levels }, (_, level) => {
    const old = end.tiles[level] ?? [];
    const more = added[level] ?? [];
    return more.length === 0 ? old : lay(level, old, more, joined);
  });
  return { end: { range, tiles, bundle }, files, unwanted };
}

/** Hashes one after another, as a tile has them. */
function joined(hashes: readonly Uint8Array[]): Uint8Array {
  const tile = new Uint8Array(hashes.length * DIGEST_BYTES);
  for (const [at, hash] of hashes.entries()) tile.set(hash, at * DIGEST_BYTES);
  return tile;
}
