import { describe, expect, test } from "@jest/globals";
import { checkPartitions, PartitionError, parsePartitions } from "../../../scripts/firmware/partitions.js";
import { BOARDS, FLASH_BYTES, readBoardFile } from "./board.js";

const GOOD = readBoardFile("esp32c3", "partitions.csv");

describe.each(BOARDS)("manifests/$board/partitions.csv", ({ board }) => {
  const table = parsePartitions(readBoardFile(board, "partitions.csv"));

  test("is a table that ESP-IDF and an update can work with", () => {
    expect(() => checkPartitions(table, FLASH_BYTES)).not.toThrow();
  });

  test("has two slots of 1,728 KB and a journal of 512 KB", () => {
    const sizes = Object.fromEntries(table.map(({ name, size }) => [name, size]));
    expect(sizes).toMatchObject({ ota_0: 0x1b0000, ota_1: 0x1b0000, journal: 0x80000 });
  });
});

test.each([
  ["overlapping partitions", /phy_init,[^\n]*/, "phy_init, data, phy, 0x10000, 0x1000", /overlaps/],
  [
    "a slot that is not on 64 KB",
    /ota_0,[^\n]*/,
    "ota_0, app, ota_0, 0x21000, 0x1a0000",
    /multiple of 0x10000/,
  ],
  ["slots of two sizes", /ota_0,[^\n]*/, "ota_0, app, ota_0, 0x20000, 0x1a0000", /ota_0 has 0x1a0000/],
  ["one slot", /ota_1,[^\n]*/, "", /two application slots/],
  ["a table in the way", /nvs,[^\n]*/, "nvs, data, nvs, 0x8000, 0x7000", /nvs at 0x8000 overlaps/],
  [
    "more than the flash has",
    /journal,[^\n]*/,
    "journal, data, undefined, 0x380000, 0x81000",
    /beyond the flash/,
  ],
  [
    "a journal that is too small",
    /journal,[^\n]*/,
    "journal, data, undefined, 0x380000, 0x3f000",
    /journal of 0x40000/,
  ],
  ["no otadata", /otadata,[^\n]*/, "", /no otadata/],
  ["plain keys", /, +encrypted/, "", /nvs_keys/],
  ["half a sector", /phy_init,[^\n]*/, "phy_init, data, phy, 0x11000, 0x800", /whole number of sectors/],
  ["a name twice", /phy_init,/, "nvs,", /one name/],
])("%s: is refused", (_name, line, by, message) => {
  const table = parsePartitions(GOOD.replace(line, by));
  expect(() => checkPartitions(table, FLASH_BYTES)).toThrow(PartitionError);
  expect(() => checkPartitions(table, FLASH_BYTES)).toThrow(message);
});

test.each([
  ["a type", "x, thing, nvs, 0x9000, 0x1000", /line 1: "thing"/],
  ["a subtype", "x, data, ota_0, 0x9000, 0x1000", /line 1: "ota_0"/],
  ["a size", "# names\nx, data, nvs, 0x9000, big", /line 2: "big" is not a size/],
  ["an address", "x, data, nvs, here, 0x1000", /"here" is not an address/],
  ["a flag", "x, data, nvs, 0x9000, 0x1000, secret", /"secret" is no flag/],
  ["no name", ", data, nvs, 0x9000, 0x1000", /1 to 15 characters/],
])("%s that is none: is refused, with its line", (_name, csv, message) => {
  expect(() => parsePartitions(csv)).toThrow(PartitionError);
  expect(() => parsePartitions(csv)).toThrow(message);
});

test("sizes in K and M, and addresses left out, are as ESP-IDF has them", () => {
  const table = parsePartitions(
    "nvs, data, nvs, , 24K\n\n# two\napp, app, ota_0, , 1M\r\nlast, data, ota, , 8192",
  );
  expect(table.map(({ offset, size }) => [offset, size])).toEqual([
    [0x9000, 0x6000],
    [0x10000, 0x100000],
    [0x110000, 0x2000],
  ]);
});
