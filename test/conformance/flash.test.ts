import { mkdtempSync, rmSync, statSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { createFileFlash, createMemoryFlash, type FileFlash } from "../../host-sim/ports/flash.js";
import { describeFlash, SECTOR_BYTES, SIZE } from "./flash.js";

let folder = "";
const geometry = { size: SIZE, sectorBytes: SECTOR_BYTES };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fieldmark-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

describeFlash("memory", () => {
  const bytes = new Uint8Array(SIZE).fill(0xff);
  return { open: () => createMemoryFlash({ ...geometry, bytes }), close() {} };
});

describeFlash("file", () => {
  const opened: FileFlash[] = [];
  return {
    open() {
      const flash = createFileFlash({ ...geometry, file: join(folder, "flash") });
      opened.push(flash);
      return flash;
    },
    close() {
      for (const flash of opened) flash.close();
    },
  };
});

test("memory without bytes of the caller's is erased", () => {
  const into = new Uint8Array(SIZE);
  createMemoryFlash({ size: SIZE }).read(0, into);
  expect(into).toEqual(new Uint8Array(SIZE).fill(0xff));
});

describe.each([
  ["memory", (size: number, sectorBytes: number) => createMemoryFlash({ size, sectorBytes })],
  [
    "file",
    (size: number, sectorBytes: number) =>
      createFileFlash({ size, sectorBytes, file: join(folder, "flash") }),
  ],
])("flash geometry: %s", (_name, create) => {
  test.each([
    ["no whole number of sectors", 1000, 512, /^size: .*512.*1000/],
    ["no sector at all", 0, 512, /^size: /],
    ["sectors of no bytes", 512, 0, /^sectorBytes: .*0/],
    ["sectors of half a byte", 512, 0.5, /^sectorBytes: .*0\.5/],
  ])("%s is a RangeError", (_title, size, sectorBytes, message) => {
    expect(() => create(size, sectorBytes)).toThrow(RangeError);
    expect(() => create(size, sectorBytes)).toThrow(message);
  });
});

test("memory with too few bytes is a RangeError", () => {
  expect(() => createMemoryFlash({ ...geometry, bytes: new Uint8Array(5) })).toThrow(/^bytes: .*4096.*5/);
});

describe("flash: file on disk", () => {
  test("only the owner can read the file", () => {
    const file = join(folder, "flash");
    createFileFlash({ ...geometry, file }).close();
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test("a file of another size is refused, not stretched", () => {
    const file = join(folder, "flash");
    createFileFlash({ ...geometry, file }).close();
    expect(() => createFileFlash({ size: 2 * SIZE, file })).toThrow(/^file: .*4096 bytes, not 8192/);
    expect(statSync(file).size).toBe(SIZE);
  });

  test("a file cut short under an open flash is an error", () => {
    const file = join(folder, "flash");
    const flash = createFileFlash({ ...geometry, file });
    truncateSync(file, 100);
    expect(() => flash.read(96, new Uint8Array(8))).toThrow(/cut short at byte 100/);
    flash.close();
  });
});
