import { createHash } from "node:crypto";
import { expect, test } from "@jest/globals";
import { makeInventory } from "../../../network/witness/make-inventory.js";
import type { KeptFrame } from "../../../network/witness/view.js";
import { hasher } from "../../../node/ports/signer.js";
import { hexOf } from "../../support/frames.js";
import { keptFrame, memoryInventories } from "./stores.js";

const EPOCH = { epoch: 5, from: 100, until: 200 };

async function made(frames: readonly KeptFrame[]) {
  const inventories = memoryInventories();
  const asked: [number, number][] = [];
  let breaths = 0;
  const body = await makeInventory(
    {
      store: {
        dated(from, until) {
          asked.push([from, until]);
          return frames;
        },
      },
      inventories,
      hasher,
      breathe: async () => {
        breaths++;
      },
    },
    EPOCH,
  );
  return { body, inventories, asked, breaths };
}

const sha256 = (...parts: Uint8Array[]) =>
  parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest();

/** Key and leaf of a frame, as docs/network.md has them: none of our code has a part in it. */
function leaf({ kid, boot, sequence, bytes }: KeptFrame): [bigint, Buffer] {
  const key = Buffer.alloc(24);
  key.write(kid, "hex");
  key.writeBigUInt64BE(BigInt(boot), 8);
  key.writeBigUInt64BE(BigInt(sequence), 16);
  return [BigInt(`0x${key.toString("hex")}`), sha256(Uint8Array.of(0), key, sha256(bytes))];
}

/** The root of what agrees in all bits before `bit`, each half by itself. */
function plainRoot(leaves: readonly (readonly [bigint, Buffer])[], bit = 0): Buffer {
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return (leaves[0] as [bigint, Buffer])[1];
  const isRight = ([key]: readonly [bigint, Buffer]) => ((key >> BigInt(191 - bit)) & 1n) === 1n;
  const [left, right] = [leaves.filter((one) => !isRight(one)), leaves.filter(isRight)];
  if (left.length === 0 || right.length === 0) return plainRoot(leaves, bit + 1);
  return sha256(Uint8Array.of(1, bit), plainRoot(left, bit + 1), plainRoot(right, bit + 1));
}

test("the root is that of all frames' leaves, devices or not", async () => {
  const frames = [1, 2, 3, 130, 255].flatMap((n) =>
    [0, 1, 2, 7, 300].flatMap((sequence) => keptFrame(n, sequence)),
  );
  const { body, asked } = await made(frames);
  expect(hexOf(body.root)).toBe(plainRoot(frames.map(leaf)).toString("hex"));
  expect(body).toMatchObject({ frames: 25, from: 100, until: 200 });
  expect(asked).toEqual([[100, 199]]);
});

test("of no frames there is an inventory, too", async () => {
  const { body, inventories } = await made([]);
  expect(hexOf(body.root)).toBe(sha256().toString("hex"));
  expect(body.frames).toBe(0);
  expect([...inventories.devices(5)]).toEqual([]);
});

test("what proves a frame is kept: each device's root, and which frames of it there are", async () => {
  const frames = [
    ...[0, 1, 2, 5, 6].map((sequence) => keptFrame(1, sequence)),
    ...[0, 7].map((sequence) => keptFrame(1, sequence, 2)),
    keptFrame(9, 3),
  ];
  const { inventories } = await made(frames);
  const devices = [...inventories.devices(5)];
  expect(devices.map(({ kid }) => hexOf(kid))).toEqual(["01".repeat(8), "09".repeat(8)]);
  const [first, second] = devices.map(({ kid }) => inventories.device(5, kid));
  expect(first?.stretches).toEqual([
    [1, 0, 3],
    [1, 5, 2],
    [2, 0, 1],
    [2, 7, 1],
  ]);
  expect(second?.stretches).toEqual([[1, 3, 1]]);
  expect(hexOf(first?.root as Uint8Array)).toBe(plainRoot(frames.slice(0, 7).map(leaf)).toString("hex"));
});

test("others have their turn while many frames are hashed", async () => {
  const frames = Array.from({ length: 4001 }, (_, sequence) => keptFrame(1, sequence));
  const { breaths, body } = await made(frames);
  expect(breaths).toBe(2);
  expect(body.frames).toBe(4001);
});
