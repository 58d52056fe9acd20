import { DIGEST_BYTES } from "../../agent/frame/layout.js";
import { perfectRanges, type Range } from "./proof-ranges.js";
import { hashesIn, TILE_BYTES, TILE_WIDTH, type Tile, tilePath } from "./tile.js";
import type { TreeHasher } from "./tree-hash.js";

/** The hashes of a tile, `width` times 32 bytes. */
export type ReadTile = (tile: Tile) => Uint8Array;

/** The hash of a subtree of a tree of `size`, made from its tiles. */
export function rangeHash(tree: TreeHasher, range: Range, size: number, read: ReadTile): Uint8Array {
  return foldRight(
    tree,
    perfectRanges(range).map((perfect) => perfectHash(tree, perfect, size, read)),
  );
}

/** The tiles that `rangeHash` reads for all of `ranges`, each once, by their paths. */
export function tilesOf(ranges: readonly Range[], size: number): Map<string, Tile> {
  const tiles = ranges.flatMap(perfectRanges).map((perfect) => hashesIn(perfect, size).tile);
  return new Map(tiles.map((tile) => [tilePath(tile), tile]));
}

/** The root over perfect subtrees from the left, the largest first; of none, that of the empty tree. */
export function foldRight(tree: TreeHasher, hashes: readonly Uint8Array[]): Uint8Array {
  const last = hashes.at(-1);
  if (last === undefined) return tree.empty;
  return hashes.slice(0, -1).reduceRight((right, left) => tree.node(left, right), last);
}

/**
 * The paths at which a tile may be, the likely one first: a log may delete a partial tile once
 * there is a full one (tlog-tiles, "Partial Tiles").
 */
export const pathsOf = (tile: Tile): string[] =>
  tile.width === TILE_WIDTH ? [tilePath(tile)] : [tilePath(tile), tilePath({ ...tile, width: TILE_WIDTH })];

/** The part of a file at one of `pathsOf` that is the tile; undefined where the file is not as long as it must be. */
export function tileIn(file: Uint8Array, tile: Tile): Uint8Array | undefined {
  const bytes = tile.width * DIGEST_BYTES;
  return file.length === bytes || file.length === TILE_BYTES ? file.subarray(0, bytes) : undefined;
}

function perfectHash(tree: TreeHasher, range: Range, size: number, read: ReadTile): Uint8Array {
  const { tile, from, count } = hashesIn(range, size);
  const bytes = read(tile);
  let level: Uint8Array[] = Array.from({ length: count }, (_, at) =>
    bytes.slice((from + at) * DIGEST_BYTES, (from + at + 1) * DIGEST_BYTES),
  );
  while (level.length > 1)
    level = level.flatMap((hash, at) => (at % 2 === 0 ? [tree.node(hash, level[at + 1] as Uint8Array)] : []));
  return level[0] as Uint8Array;
}
