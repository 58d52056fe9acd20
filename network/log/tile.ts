import { DIGEST_BYTES } from "../../agent/frame/layout.js";
import type { Range } from "./proof-ranges.js";

/** Hashes in a full tile, and entries in a full bundle (tlog-tiles, "Merkle Tree"). */
export const TILE_WIDTH = 256;
/** Levels of the tree from one tile to the tile above. */
export const TILE_HEIGHT = 8;
/** Bytes of a full tile. */
export const TILE_BYTES = TILE_WIDTH * DIGEST_BYTES;
/** The highest level that a path may name (tlog-tiles, "Merkle Tree"). */
const MAX_LEVEL = 63;

/** A tile of hashes, or, at the level "entries", a bundle of entries. */
export interface Tile {
  readonly level: number | "entries";
  /** From the left, from 0. */
  readonly index: number;
  /** How much is in it: 1 to TILE_WIDTH. */
  readonly width: number;
}

/** Its path below the log's prefix (tlog-tiles): `tile/0/x001/234`, `tile/entries/000.p/5`. */
export function tilePath(tile: Tile): string {
  return tile.width === TILE_WIDTH ? fullPath(tile) : `${partialsPath(tile)}/${tile.width}`;
}

/** The folder of all partial tiles at a tile's place. */
export const partialsPath = (tile: Pick<Tile, "level" | "index">): string => `${fullPath(tile)}.p`;

function fullPath({ level, index }: Pick<Tile, "level" | "index">): string {
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, "0").match(/.../g) as string[];
  return `tile/${level}/${groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join("/")}`;
}

const PATH = /^tile\/(entries|\d{1,2})\/((?:x\d{3}\/){0,5}\d{3})(?:\.p\/(\d{1,3}))?$/;

/** The reverse of `tilePath`; undefined where `path` is none, in the one form that there is. */
export function readTilePath(path: string): Tile | undefined {
  const [, level, groups, width] = PATH.exec(path) ?? [];
  if (level === undefined || groups === undefined) return undefined;
  const tile: Tile = {
    level: level === "entries" ? level : Number(level),
    index: Number(groups.replace(/[x/]/g, "")),
    width: width === undefined ? TILE_WIDTH : Number(width),
  };
  if (tile.width === 0 || !Number.isSafeInteger(tile.index) || Number(tile.level) > MAX_LEVEL)
    return undefined;
  return tilePath(tile) === path ? tile : undefined;
}

/** The tile of a tree of `size` at a place; with a width of 0 or less there is none. */
export function tileAt(level: number | "entries", index: number, size: number): Tile {
  const count = Math.floor(size / TILE_WIDTH ** (level === "entries" ? 0 : level));
  return { level, index, width: Math.min(TILE_WIDTH, count - index * TILE_WIDTH) };
}

/** The last tile of each level of a tree of `size`, full or not, from level 0 up. */
export function lastTiles(size: number): Tile[] {
  const tiles: Tile[] = [];
  for (let level = 0, count = size; count > 0; level++, count = Math.floor(count / TILE_WIDTH))
    tiles.push(tileAt(level, Math.ceil(count / TILE_WIDTH) - 1, size));
  return tiles;
}

/** The hashes, in one tile of a tree of `size`, that a perfect subtree is made of. */
export function hashesIn(
  { start, end }: Range,
  size: number,
): { readonly tile: Tile; readonly from: number; readonly count: number } {
  let level = 0;
  let span = 1; // entries below one hash of the tile
  while (span * TILE_WIDTH <= end - start) {
    level++;
    span *= TILE_WIDTH;
  }
  const first = start / span;
  const index = Math.floor(first / TILE_WIDTH);
  return {
    tile: tileAt(level, index, size),
    from: first - index * TILE_WIDTH,
    count: (end - start) / span,
  };
}
