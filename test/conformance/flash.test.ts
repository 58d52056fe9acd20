import { mkdtempSync, rmSync, statSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { NorChip } from "../../host-sim/virtual-board/flash/nor.js";
import {
  createFileFlash,
  createMemoryFlash,
  type FileFlash,
  type FlashGeometry,
} from "../../node/ports/flash.js";
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

describeFlash("memory, without bytes of the caller's", () => {
  const flash = createMemoryFlash(geometry);
  return { open: () => flash, close() {} };
});

describeFlash("emulated NOR", () => {
  const chip = new NorChip(geometry);
  return { open: () => chip.powerOn(), close() {} };
});

test("memory takes room for those sectors only that are not erased", () => {
  const flash = createMemoryFlash({ size: 2 ** 40 });
  const into = new Uint8Array(8);
  for (let round = 0; round < 3; round++) {
    flash.program(2 ** 40 - 4, new Uint8Array(4));
    flash.read(2 ** 40 - 8, into);
    expect(into).toEqual(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0));
    flash.erase(2 ** 40 - 4096);
    flash.read(2 ** 40 - 8, into);
    expect(into).toEqual(new Uint8Array(8).fill(0xff));
  }
});

test.each([1, 2, 8, 16, 32])("pieces of %i bytes", (programBytes) => {
  const flash = createMemoryFlash({ ...geometry, programBytes });
  expect(flash.programBytes).toBe(programBytes);
  flash.program(programBytes, new Uint8Array(programBytes));
  const into = new Uint8Array(3 * programBytes);
  flash.read(0, into);
  expect(into).toEqual(new Uint8Array(3 * programBytes).fill(0xff).fill(0, programBytes, 2 * programBytes));
  if (programBytes > 1)
    expect(() => flash.program(4 * programBytes, new Uint8Array(programBytes - 1))).toThrow(/^address: /);
});

const opens: [string, (geometry: FlashGeometry) => object][] = [
  ["memory", (wrong) => createMemoryFlash(wrong)],
  ["file", (wrong) => createFileFlash({ ...wrong, file: join(folder, "flash") })],
  ["emulated NOR", (wrong) => new NorChip(wrong)],
];

describe.each(opens)("flash geometry: %s", (_name, create) => {
  test.each([
    ["no whole number of sectors", { size: 1000, sectorBytes: 512 }, /^size: .*512.*1000/],
    ["no sector at all", { size: 0, sectorBytes: 512 }, /^size: /],
    ["sectors of no bytes", { size: 512, sectorBytes: 0 }, /^sectorBytes: .*0/],
    ["sectors of half a byte", { size: 512, sectorBytes: 0.5 }, /^sectorBytes: .*0\.5/],
    ["pieces of no bytes", { size: 512, sectorBytes: 512, programBytes: 0 }, /^programBytes: .*0/],
    ["pieces of 64 bytes", { size: 512, sectorBytes: 512, programBytes: 64 }, /^programBytes: .*64/],
    [
      "no whole number of pieces",
      { size: 512, sectorBytes: 512, programBytes: 3 },
      /^programBytes: .*512.*3/,
    ],
  ])("%s is a RangeError", (_title, wrong, message) => {
    expect(() => create(wrong)).toThrow(RangeError);
    expect(() => create(wrong)).toThrow(message);
  });
});

test("memory with too few bytes is a RangeError", () => {
  expect(() => createMemoryFlash({ ...geometry, bytes: new Uint8Array(5) })).toThrow(/^bytes: .*4096.*5/);
});

test("memory programmed twice keeps only the bits set in both, as NOR does", () => {
  const flash = createMemoryFlash(geometry);
  flash.program(100, Uint8Array.of(0b1100_0011, 0x5a, 0x5a, 0xff));
  flash.program(100, Uint8Array.of(0b1010_1111, 0xff, 0x00, 0xff));
  const into = new Uint8Array(4);
  flash.read(100, into);
  expect(into).toEqual(Uint8Array.of(0b1000_0011, 0x5a, 0x00, 0xff));
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
