import { expect, test } from "@jest/globals";
import { hex } from "../../../agent/cose/kid.js";
import { digestOf } from "../../../network/bytes.js";
import { SHOWN_DEPTH } from "../../../network/inventory/subtree-wire.js";
import { positionOf } from "../../../network/inventory/tree.js";
import type { InventoryLink } from "../../../network/ports/inventory-link.js";
import { KeptTrees } from "../../../network/witness/kept-trees.js";
import { makeInventory } from "../../../network/witness/make-inventory.js";
import { Reconciler } from "../../../network/witness/reconciler.js";
import type { KeptFrame } from "../../../network/witness/view.js";
import { hasher } from "../../../node/ports/signer.js";
import { VirtualClock } from "../../support/virtual-clock.js";
import { keptFrame, memoryInventories } from "./stores.js";

const EPOCH = 5;

/** What a witness with these frames has of them, and how it is asked. */
async function witnessOf(frames: KeptFrame[]) {
  const inventories = memoryInventories();
  const breathe = async () => {};
  const store = {
    dated: () => [...frames],
    frame: (kid: string, { boot, sequence }: { boot: number; sequence: number }) =>
      frames.find((one) => one.kid === kid && one.boot === boot && one.sequence === sequence),
  };
  await makeInventory({ store, inventories, hasher, breathe }, { epoch: EPOCH, from: 0, until: 9 });
  const trees = new KeptTrees({ ...store, inventories }, hasher);
  const link: InventoryLink = {
    subtrees: async (epoch, prefixes) =>
      (trees.tree(epoch) && prefixes.map((prefix) => trees.tree(epoch)!.expand(prefix, SHOWN_DEPTH))) ?? [],
    frames: async (places) =>
      places.map((key) => {
        const { kid, ...position } = positionOf(key);
        return store.frame(kid, position)?.bytes;
      }),
  };
  return { frames, store, trees, link };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

async function reconciling(own: KeptFrame[], links: readonly InventoryLink[]) {
  const mine = await witnessOf(own);
  const clock = new VirtualClock();
  const said: string[] = [];
  const came: string[] = [];
  const peers = links.map((link, at) => ({ name: `peer${at}`, link }));
  const report = (line: string) => said.push(line);
  const reconciler = new Reconciler({ clock, every: 60, peers, ...mine, hasher, report });
  const failed = (error: Error) => said.push(error.message);
  for (const source of reconciler.sources) {
    const subscriber = source({
      frame(bytes) {
        came.push(`${subscriber.broker} ${hex(bytes)}`);
        return undefined;
      },
      state() {},
      failed,
    });
  }
  return { ...mine, clock, reconciler, said, came };
}

const A = [keptFrame(1, 0), keptFrame(1, 1), keptFrame(2, 0)];
const B = [keptFrame(1, 1), keptFrame(1, 2), keptFrame(1, 3), keptFrame(3, 0)];
const bytesOf = (...frames: KeptFrame[]) => frames.map(({ bytes }) => hex(bytes));

test("what a peer has and this one has not is handed over once, in the order of signing", async () => {
  const { link } = await witnessOf(B);
  const { reconciler, clock, said, came } = await reconciling(A, [link]);
  clock.advance(60_000);
  await settled();
  expect(came).toEqual([]);
  reconciler.closed(EPOCH);
  await settled();
  expect(came).toEqual(bytesOf(B[1]!, B[2]!, B[3]!).map((bytes) => `peer0 ${bytes}`));
  expect(said).toEqual(["3 frames came from peer0"]);
  clock.advance(60_000);
  await settled();
  expect(came).toHaveLength(3);
  await reconciler.close();
});

test("whoever has nothing gets all, in the order of signing, though the walk is in another", async () => {
  const all = Array.from({ length: 100 }, (_, at) => keptFrame(1 + Math.floor(at / 50), at % 50));
  const { link } = await witnessOf(all);
  const { reconciler, came } = await reconciling([], [link]);
  reconciler.closed(EPOCH);
  while (came.length < all.length) await settled();
  expect(came).toEqual(bytesOf(...all).map((bytes) => `peer0 ${bytes}`));
  await reconciler.close();
});

test("a frame that contradicts one's own is had, too: it is evidence", async () => {
  const other = { ...keptFrame(1, 0), bytes: Uint8Array.of(9, 9) };
  const { link } = await witnessOf([other]);
  const { reconciler, came } = await reconciling(A, [link]);
  reconciler.closed(EPOCH);
  await settled();
  expect(came).toEqual([`peer0 ${hex(other.bytes)}`]);
  await reconciler.close();
});

test("a silent peer and one that gives other frames than it names hold up nobody", async () => {
  const { link } = await witnessOf(B);
  const silent: InventoryLink = {
    subtrees: () => Promise.reject(new Error("no answer")),
    frames: () => Promise.reject(new Error("no answer")),
  };
  const liar: InventoryLink = {
    ...link,
    frames: async (places) => places.map((key) => digestOf(key, hasher)),
  };
  const { reconciler, clock, came } = await reconciling(A, [silent, liar, link]);
  reconciler.closed(EPOCH);
  await settled();
  expect(came).toEqual(bytesOf(B[1]!, B[2]!, B[3]!).map((bytes) => `peer2 ${bytes}`));
  clock.advance(60_000);
  await reconciler.close();
  expect(clock.pending).toBe(0);
});
