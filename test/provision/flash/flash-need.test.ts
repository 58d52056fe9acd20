import { expect, test } from "@jest/globals";
import { IMAGE_MAGIC } from "../../../provision/flash/app-image.js";
import { flashNeed } from "../../../provision/flash/flash-need.js";
import { writePartitionTable } from "../../../provision/flash/partition-table.js";

const part = (path: string, offset: number, data: Uint8Array) => ({ path, offset, data });

const table = (offset: number, size: number) =>
  writePartitionTable([{ name: "journal", type: 1, subtype: 6, offset, size }]);

test("firmware needs the flash up to its last part", () => {
  expect(
    flashNeed([part("a.bin", 0x1000, new Uint8Array(16)), part("b.bin", 0x10000, new Uint8Array(1))]),
  ).toEqual({
    bytes: 0x10001,
    why: "b.bin ends at 0x10001",
  });
});

test("and up to the last partition, though nothing is written there", () => {
  const parts = [
    part("app.bin", 0x10000, new Uint8Array(16)),
    part("table.bin", 0x8000, table(0x3c0000, 0x40000)),
  ];
  expect(flashNeed(parts)).toEqual({ bytes: 4 << 20, why: 'partition "journal" ends at 0x400000' });
});

test("and as much as its bootloader was built for", () => {
  const bootloader = Uint8Array.of(IMAGE_MAGIC, 1, 2, 0x4f); // high half 4: 16 MB
  expect(flashNeed([part("bootloader.bin", 0x1000, bootloader)])).toEqual({
    bytes: 16 << 20,
    why: "its bootloader is built for 16 MB",
  });
  expect(flashNeed([part("app.bin", 0x10000, bootloader)]).bytes).toBe(0x10004);
});
