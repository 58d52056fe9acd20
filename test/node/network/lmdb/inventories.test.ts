import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { DeviceInventory } from "../../../../network/ports/inventories.js";
import { LmdbStore } from "../../../../node/network/lmdb/store.js";

let folder: string;
let store: LmdbStore;

const reopened = () => new LmdbStore(join(folder, "frames.mdb"), "demo");

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fieldmark-inventories-"));
  store = reopened();
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

/** Of the device whose kid is 8 bytes of `n`. */
const device = (n: number, stretches: DeviceInventory["stretches"] = [[1, 0, n]]): DeviceInventory => ({
  kid: Buffer.alloc(8, n),
  root: Buffer.alloc(32, n + 1),
  stretches,
});

const kidsOf = (epoch: number) => [...store.inventories.devices(epoch)].map(({ kid }) => kid[0]);

test("an epoch's devices are there in the order of their kids, after a restart, too", async () => {
  const LARGE = 2 ** 53 - 1;
  const many: DeviceInventory["stretches"] = [
    [1, 0, 7],
    [LARGE, LARGE - 1, 1],
  ];
  await store.inventories.write(7, [device(200, many), device(3), device(129, [])]);
  await store.close();
  store = reopened();
  expect(kidsOf(7)).toEqual([3, 129, 200]);
  expect(store.inventories.device(7, Buffer.alloc(8, 200))).toEqual(device(200, many));
  expect(store.inventories.device(7, Buffer.alloc(8, 129))).toEqual(device(129, []));
  expect([...store.inventories.devices(7)][0]).toEqual({ kid: device(3).kid, root: device(3).root });
});

test("epochs are apart, and one that is not there has no devices", async () => {
  await store.inventories.write(255, [device(1)]);
  await store.inventories.write(256, [device(2), device(255)]);
  await store.inventories.write(257, []);
  expect([254, 255, 256, 257].map(kidsOf)).toEqual([[], [1], [2, 255], []]);
  expect(store.inventories.device(255, Buffer.alloc(8, 2))).toBeUndefined();
});

test("an epoch that is written again has the new devices alone", async () => {
  await store.inventories.write(7, [device(1), device(2)]);
  await store.inventories.write(7, [device(2, [[9, 9, 9]]), device(3)]);
  expect(kidsOf(7)).toEqual([2, 3]);
  expect(store.inventories.device(7, Buffer.alloc(8, 2))?.stretches).toEqual([[9, 9, 9]]);
});

test("epochs before one are removed, and no others", async () => {
  for (const epoch of [6, 7, 8]) await store.inventories.write(epoch, [device(1)]);
  await store.inventories.removeBefore(8);
  await store.inventories.write(9, []);
  expect([6, 7, 8].map(kidsOf)).toEqual([[], [], [1]]);
});

test("an epoch whose writing was cut off is not there", async () => {
  function* failing(): Generator<DeviceInventory> {
    yield device(1);
    throw new Error("the disk is gone");
  }
  await expect(store.inventories.write(7, failing())).rejects.toThrow("the disk is gone");
  await store.inventories.write(8, [device(2)]);
  expect(kidsOf(7)).toEqual([]);
  await store.inventories.write(7, [device(3)]);
  expect(kidsOf(7)).toEqual([3]);
});
