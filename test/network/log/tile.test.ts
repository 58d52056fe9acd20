import { describe, expect, test } from "@jest/globals";
import { readBundle, writeBundle } from "../../../network/log/bundle.js";
import { lastTiles, readTilePath, type Tile, tilePath } from "../../../network/log/tile.js";
import { pathsOf, tileIn } from "../../../network/log/tiled-tree.js";
import { bytesOf, hexOf } from "../../support/frames.js";
import { utf8 } from "../../support/logs.js";

describe("paths of tiles", () => {
  const PATHS: [Tile, string][] = [
    // tlog-tiles, "Merkle Tree": "index 1234067 will be encoded as x001/x234/067".
    [{ level: 0, index: 1_234_067, width: 256 }, "tile/0/x001/x234/067"],
    [{ level: 0, index: 0, width: 256 }, "tile/0/000"],
    [{ level: 2, index: 0, width: 1 }, "tile/2/000.p/1"],
    [{ level: 0, index: 273, width: 112 }, "tile/0/273.p/112"],
    [{ level: "entries", index: 1000, width: 255 }, "tile/entries/x001/000.p/255"],
    [{ level: "entries", index: 999, width: 256 }, "tile/entries/999"],
  ];

  test.each(PATHS)("%j", (tile, path) => {
    expect(tilePath(tile)).toBe(path);
    expect(readTilePath(path)).toEqual(tile);
  });

  test.each([
    "",
    "checkpoint",
    "tile/0/0",
    "tile/0/1000",
    "tile/0/x000/001",
    "tile/0/001/002",
    "tile/0/x001",
    "tile/00/000",
    "tile/64/000",
    "tile/-1/000",
    "tile/0/000.p/0",
    "tile/0/000.p/01",
    "tile/0/000.p/256",
    "tile/0/000.p/",
    "tile/0/000.p",
    "tile/data/000",
    "/tile/0/000",
    "tile/0/000/",
    "tile/0/../000",
    "tile/0/000\n",
    `tile/0/${"x999/".repeat(9)}999`,
  ])("%j is none", (path) => {
    expect(readTilePath(path)).toBeUndefined();
  });

  test("at the end of a tree are those of tlog-tiles", () => {
    // "a tree of size 70,000 ..."; "a tree of size 256 ..." (tlog-tiles, "Partial Tiles").
    expect(lastTiles(70_000).map(tilePath)).toEqual([
      "tile/0/273.p/112",
      "tile/1/001.p/17",
      "tile/2/000.p/1",
    ]);
    expect(lastTiles(256).map(tilePath)).toEqual(["tile/0/000", "tile/1/000.p/1"]);
    expect(lastTiles(0)).toEqual([]);
  });
});

test("a partial tile may be taken from the full one, and from no other file", () => {
  const tile = { level: 0, index: 3, width: 2 };
  expect(pathsOf(tile)).toEqual(["tile/0/003.p/2", "tile/0/003"]);
  expect(pathsOf({ ...tile, width: 256 })).toEqual(["tile/0/003"]);
  expect(tileIn(new Uint8Array(64), tile)).toHaveLength(64);
  expect(tileIn(new Uint8Array(8192), tile)).toHaveLength(64);
  for (const length of [0, 32, 63, 65, 96, 8191, 8193])
    expect(tileIn(new Uint8Array(length), tile)).toBeUndefined();
});

describe("a bundle", () => {
  test("has each entry after its length", () => {
    const entries = [utf8("ab"), new Uint8Array(0), new Uint8Array(65_535).fill(7)];
    const bundle = writeBundle(entries);
    expect(hexOf(bundle.subarray(0, 8))).toBe("000261620000ffff");
    expect(readBundle(bundle, 3)).toEqual(entries);
    expect(readBundle(bundle, 2)).toEqual(entries.slice(0, 2));
  });

  test.each(["", "00", "0001", "0003 6162"])("%s is none with an entry", (hex) => {
    expect(readBundle(bytesOf(hex), 1)).toBeUndefined();
  });
});
