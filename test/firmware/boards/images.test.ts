import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { CHIPS, type ChipName } from "../../../provision/flash/chips.js";
import { collect } from "../../../scripts/firmware/collect.js";
import { firmwareImages, ImageError } from "../../../scripts/firmware/images.js";
import { type Partition, parsePartitions } from "../../../scripts/firmware/partitions.js";
import { BOARDS, FLASH_BYTES, readBoardFile } from "./board.js";

interface WebToolsManifest {
  readonly name: string;
  readonly version: string;
  readonly new_install_prompt_erase: boolean;
  readonly builds: readonly {
    readonly chipFamily: string;
    readonly parts: readonly { path: string; offset: number; size: number; sha256: string }[];
  }[];
}

const PARTITIONS = readBoardFile("esp32c3", "partitions.csv");
let build = "";

/** esp_partition_info_t, 32 bytes each, and an MD5 entry after them, as gen_esp32part.py writes it. */
function binaryTable(table: readonly Partition[]): Buffer {
  const subtypes: Record<string, number> = {
    ota: 0,
    phy: 1,
    nvs: 2,
    nvs_keys: 4,
    undefined: 6,
    ota_0: 0x10,
    ota_1: 0x11,
  };
  const entries = table.map(({ name, type, subtype, offset, size, flags }) => {
    const entry = Buffer.alloc(32);
    entry.writeUInt16LE(0x50aa, 0);
    entry.writeUInt8(type === "app" ? 0 : 1, 2);
    entry.writeUInt8(subtypes[subtype] as number, 3);
    entry.writeUInt32LE(offset, 4);
    entry.writeUInt32LE(size, 8);
    entry.write(name, 12, "latin1");
    entry.writeUInt32LE(flags.length, 28);
    return entry;
  });
  const md5 = Buffer.alloc(32, 0xff).fill(0xeb, 0, 2);
  return Buffer.concat([...entries, md5], 0xc00).fill(0xff, 32 * (entries.length + 1));
}

function write(name: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(build, name)), { recursive: true });
  writeFileSync(join(build, name), content);
}

const image = (bytes: number, fill: number) => Buffer.alloc(bytes, fill).fill(0xe9, 0, 1);
const make = (name = "esp32c3", partitions = PARTITIONS, chip = CHIPS[name as ChipName]) =>
  firmwareImages({ build, chip, partitions, flash: FLASH_BYTES, name: "Fieldmark", version: "1.2.3" });
const manifestOf = (images: { [name: string]: Buffer }) =>
  JSON.parse((images["manifest.json"] as Buffer).toString()) as WebToolsManifest;

beforeEach(() => {
  build = mkdtempSync(join(tmpdir(), "fieldmark-test-"));
  write("bootloader/bootloader.bin", image(20_000, 1));
  write("partition_table/partition-table.bin", binaryTable(parsePartitions(PARTITIONS)));
  write("ota_data_initial.bin", Buffer.alloc(0x2000, 0xff));
  write("xs_esp32.bin", image(1_000_001, 2));
});

afterEach(() => rmSync(build, { recursive: true }));

describe.each(BOARDS)("images of $board", ({ board, chip }) => {
  test("manifest.json is what ESP Web Tools reads, with each part's size and hash", () => {
    const images = make(chip, readBoardFile(board, "partitions.csv"));
    const { name, version, builds, new_install_prompt_erase } = manifestOf(images);
    expect([name, version, new_install_prompt_erase]).toEqual(["Fieldmark", "1.2.3", false]);
    expect(builds.map(({ chipFamily }) => chipFamily)).toEqual([CHIPS[chip as ChipName].family]);
    const parts = builds[0]?.parts ?? [];
    expect(parts.map(({ path, offset }) => [path, offset])).toEqual([
      ["bootloader.bin", chip === "esp32" ? 0x1000 : 0],
      ["partition-table.bin", 0x8000],
      ["ota-data.bin", 0xf000],
      ["fieldmark.bin", 0x20000],
    ]);
    for (const { path, size, sha256 } of parts) {
      expect(size).toBe(images[path]?.length);
      expect(sha256).toBe(
        createHash("sha256")
          .update(images[path] as Buffer)
          .digest("hex"),
      );
    }
  });
});

test("no part lies over the key's partitions or the journal", () => {
  const kept = parsePartitions(PARTITIONS).filter(({ name }) =>
    ["nvs", "nvs_keys", "journal"].includes(name),
  );
  expect(kept).toHaveLength(3);
  for (const { offset, size } of manifestOf(make()).builds[0]?.parts ?? [])
    for (const partition of kept)
      expect(offset + size <= partition.offset || offset >= partition.offset + partition.size).toBe(true);
});

test.each(["esp32", "esp32c3"])("%s: merged.bin has each part at its place, and 0xff between", (chip) => {
  const images = make(chip);
  const merged = images["merged.bin"] as Buffer;
  const expected = Buffer.alloc(0x20000 + 1_000_001, 0xff);
  for (const { path, offset } of manifestOf(images).builds[0]?.parts ?? [])
    images[path]?.copy(expected, offset);
  expect(merged.equals(expected)).toBe(true);
});

test("collect empties the folder, and keeps the manifest that there is", () => {
  const folder = join(build, "dist");
  collect({ board: "esp32c3", folder, files: { "old.bin": Buffer.of(1) } });
  collect({ board: "esp32c3", folder, files: make() });
  expect(readdirSync(folder).sort()).toEqual([
    "bootloader.bin",
    "fieldmark.bin",
    "manifest.json",
    "merged.bin",
    "ota-data.bin",
    "partition-table.bin",
  ]);
  expect(readFileSync(join(folder, "fieldmark.bin")).length).toBe(1_000_001);
});

test.each<[string, () => void, RegExp]>([
  ["a part that was not built", () => rmSync(join(build, "xs_esp32.bin")), /xs_esp32.bin is not in/],
  [
    "an application beyond its slot",
    () => write("xs_esp32.bin", image(0x1b0001, 0)),
    /fieldmark.bin: 1769473 bytes/,
  ],
  [
    "a bootloader that reaches the table",
    () => write("bootloader/bootloader.bin", image(0x8001, 0)),
    /bootloader.bin: 32769/,
  ],
  ["something that is no image", () => write("xs_esp32.bin", Buffer.alloc(9)), /fieldmark.bin is no image/],
  [
    "another partition table than the board's",
    () => {
      const table = parsePartitions(PARTITIONS.replace("0x80000", "0x70000"));
      write("partition_table/partition-table.bin", binaryTable(table));
    },
    /not built from this/,
  ],
  [
    "a table that is none",
    () => write("partition_table/partition-table.bin", Buffer.alloc(64)),
    /no partition table/,
  ],
  [
    "ESP-IDF that would write elsewhere",
    () => write("flasher_args.json", JSON.stringify({ flash_files: { "0x0": "a", "0x10000": "b" } })),
    /would write at 0x0,0x10000/,
  ],
])("%s: is refused", (_name, spoil, message) => {
  spoil();
  expect(() => make()).toThrow(message);
});

test("offsets as ESP-IDF says them are taken", () => {
  write(
    "flasher_args.json",
    JSON.stringify({ flash_files: { "0x0": "", "0x8000": "", "0xf000": "", "0x20000": "" } }),
  );
  expect(() => make()).not.toThrow(ImageError);
});
