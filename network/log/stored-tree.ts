import { DIGEST_BYTES } from "../../agent/frame/layout.js";
import { InputError } from "../../agent/input-error.js";
import type { LogFiles } from "../ports/log-files.js";
import { readBundle } from "./bundle.js";
import type { Checkpoint } from "./checkpoint.js";
import { CompactRange } from "./compact-range.js";
import { perfectRanges, type Range } from "./proof-ranges.js";
import { lastTiles, TILE_WIDTH, type Tile, tileAt, tilePath } from "./tile.js";
import { foldRight, pathsOf, rangeHash, tileIn } from "./tiled-tree.js";
import type { TreeEnd } from "./tree-end.js";
import { sameHash, type TreeHasher } from "./tree-hash.js";

/** Reads a log's own tiles and bundles. Its methods throw InputError where one is missing or damaged. */
export class StoredTree {
  readonly #files: LogFiles;
  readonly #tree: TreeHasher;

  constructor(files: LogFiles, tree: TreeHasher) {
    this.#files = files;
    this.#tree = tree;
  }

  /** The hashes of subtrees of a tree of `size`. */
  hashes(ranges: readonly Range[], size: number): Uint8Array[] {
    // Most subtrees of a proof are in the same few tiles.
    const tiles = new Map<string, Uint8Array>();
    const read = (tile: Tile) => {
      const path = tilePath(tile);
      const bytes = tiles.get(path) ?? this.#tile(tile);
      tiles.set(path, bytes);
      return bytes;
    };
    return ranges.map((range) => rangeHash(this.#tree, range, size, read));
  }

  /** The root that a tree of `size` had at the size `old`. */
  root(old: number, size: number): Uint8Array {
    return foldRight(this.#tree, this.hashes(perfectRanges({ start: 0, end: old }), size));
  }

  /** The entries of the bundle at `index` in a tree of `size`. */
  entries(index: number, size: number): Uint8Array[] {
    const tile = tileAt("entries", index, size);
    const entries = readBundle(this.#read(tile), tile.width);
    if (entries === undefined) throw new InputError(`${tilePath(tile)} of the log is damaged`);
    return entries;
  }

  /**
   * The end of the tree that a checkpoint is of. Throws InputError also where the files are not those
   * of that tree, such as older ones.
   */
  end({ size, root }: Checkpoint): TreeEnd {
    const range = new CompactRange(
      this.#tree,
      size,
      this.hashes(perfectRanges({ start: 0, end: size }), size),
    );
    if (!sameHash(range.root(), root))
      throw new InputError(`the log's tiles are not those of its checkpoint of ${size} entries`);
    const last = lastTiles(size).map((tile) => this.#hashesOf(tile));
    const bundle = size === 0 ? [] : this.entries(Math.ceil(size / TILE_WIDTH) - 1, size);
    for (const [at, entry] of bundle.entries())
      if (!sameHash(this.#tree.leaf(entry), last[0]?.[at] as Uint8Array))
        throw new InputError(`the log's entries are not those of its checkpoint of ${size} entries`);
    const partial = (hashes: Uint8Array[]) => (hashes.length === TILE_WIDTH ? [] : hashes);
    return { range, tiles: last.map(partial), bundle: partial(bundle) };
  }

  #hashesOf(tile: Tile): Uint8Array[] {
    const bytes = this.#tile(tile);
    return Array.from({ length: tile.width }, (_, at) =>
      bytes.slice(at * DIGEST_BYTES, (at + 1) * DIGEST_BYTES),
    );
  }

  #tile(tile: Tile): Uint8Array {
    const bytes = tileIn(this.#read(tile), tile);
    if (bytes === undefined) throw new InputError(`${tilePath(tile)} of the log is damaged`);
    return bytes;
  }

  #read(tile: Tile): Uint8Array {
    for (const path of pathsOf(tile)) {
      const file = this.#files.read(path);
      if (file !== undefined) return file;
    }
    throw new InputError(`${tilePath(tile)} of the log is missing`);
  }
}
