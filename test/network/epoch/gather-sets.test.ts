import { describe, expect, test } from "@jest/globals";
import { hex } from "../../../agent/cose/kid.js";
import { digestOf } from "../../../network/bytes.js";
import { gatherSets } from "../../../network/epoch/gather-sets.js";
import type { NamedInventory } from "../../../network/epoch/inputs.js";
import { ListedTree } from "../../../network/inventory/listed-tree.js";
import { UnansweredError } from "../../../network/inventory/reconcile.js";
import { hashOfShape, type Shape } from "../../../network/inventory/subtree.js";
import { KEY_BYTES, keyOf } from "../../../network/inventory/tree.js";
import type { InventoryLink } from "../../../network/ports/inventory-link.js";
import { hasher } from "../../../node/ports/signer.js";

const KID = new Uint8Array(8).fill(1);
const ALL = { key: new Uint8Array(KEY_BYTES), bits: 0 };
const EPOCH = 7;
const SILENT: InventoryLink = {
  subtrees: () => Promise.reject(new Error("no answer within 10 s")),
  frames: () => Promise.reject(new Error("no answer within 10 s")),
};

const frameOf = (sequence: number) => Uint8Array.of(sequence, 1, 2, 3);
const digestAt = (sequence: number) => digestOf(frameOf(sequence), hasher);
const entryOf = (sequence: number) => ({ key: keyOf(KID, 1, sequence), digest: digestAt(sequence) });
const treeOf = (sequences: readonly number[]) => new ListedTree(sequences.map(entryOf), hasher);

function inventory(witness: number, sequences: readonly number[]): NamedInventory {
  const shape = treeOf(sequences).expand(ALL, 0);
  const root = shape === undefined ? digestOf(new Uint8Array(0), hasher) : hashOfShape(shape, hasher);
  const body = { root, frames: sequences.length, from: 0, until: 1 };
  return { witness, epoch: EPOCH, body, signature: new Uint8Array(65) };
}

/** A witness that says what it has; `asked` gets what for. */
function linkOf(sequences: readonly number[], asked: string[] = [], frame = frameOf): InventoryLink {
  return {
    async subtrees(epoch, prefixes) {
      asked.push("subtrees");
      const shown: readonly (Shape | undefined)[] = prefixes.map((prefix) =>
        treeOf(sequences).expand(prefix, 2),
      );
      return epoch === EPOCH ? shown : [];
    },
    async frames(places) {
      asked.push("frames");
      return places.map((key) => frame(key[KEY_BYTES - 1] as number));
    },
  };
}

function gather(
  own: readonly number[],
  named: readonly NamedInventory[],
  links: readonly (readonly [number, InventoryLink])[],
) {
  const frames = {
    kids: () => [hex(KID)],
    frames: () =>
      own.map((sequence) => ({ boot: 1, sequence, digest: digestAt(sequence), bytes: frameOf(sequence) })),
  };
  return gatherSets(named, { tree: treeOf(own), frames, links: new Map(links), holders: 2, hasher });
}

const sequencesOf = (sets: Awaited<ReturnType<typeof gather>>, witness: number) =>
  [...sets.frames(witness, hex(KID))].map(({ sequence }) => sequence);

const OWN = [1, 2, 3];
const FULL = [1, 2, 3, 4];

describe("what named inventories have", () => {
  test("is gathered, and frames that enough have are fetched", async () => {
    const named = [inventory(0, OWN), inventory(1, FULL), inventory(2, [2, 3, 4, 5]), inventory(3, [])];
    const links = [1, 2].map((at) => [at, linkOf(at === 1 ? FULL : [2, 3, 4, 5])] as const);
    const sets = await gather(OWN, named, links);
    expect([0, 1, 2, 3].map((at) => sequencesOf(sets, at))).toEqual([OWN, FULL, [2, 3, 4, 5], []]);
    expect(sets.frame(digestAt(4))).toEqual(frameOf(4));
    // One alone has it: it does not count, and is not fetched.
    expect(sets.frame(digestAt(5))).toBeUndefined();
  });

  test("nobody is asked about an inventory that is the own one", async () => {
    const sets = await gather(OWN, [inventory(1, OWN)], [[1, SILENT]]);
    expect(sequencesOf(sets, 1)).toEqual(OWN);
  });

  test("comes from another that signed the same root, where its witness is silent", async () => {
    const sets = await gather(
      OWN,
      [inventory(1, FULL), inventory(2, FULL)],
      [
        [1, SILENT],
        [2, linkOf(FULL)],
      ],
    );
    expect(sequencesOf(sets, 1)).toEqual(FULL);
    expect(sets.frame(digestAt(4))).toEqual(frameOf(4));
  });

  test("is not believed of a liar, who shows another inventory than it signed", async () => {
    const shown = [[1, linkOf([1, 2, 3, 9])]] as const;
    await expect(gather(OWN, [inventory(1, FULL)], shown)).rejects.toThrow(UnansweredError);
  });

  test("ends where more is shown than was signed", async () => {
    const short = inventory(1, [1, 2, 3, 4, 5, 6, 7, 8]);
    const body = { ...short.body, frames: 1 };
    const asked: string[] = [];
    const gathered = gather([], [{ ...short, body }], [[1, linkOf([1, 2, 3, 4, 5, 6, 7, 8], asked)]]);
    await expect(gathered).rejects.toThrow("more frames than it signed");
    expect(asked).toEqual(["subtrees"]);
  });

  test("a frame that a liar does not give, or gives otherwise, is had from another", async () => {
    const named = [inventory(1, FULL), inventory(2, FULL)];
    const liar = linkOf(FULL, [], () => frameOf(9));
    const sets = await gather(OWN, named, [
      [1, liar],
      [2, linkOf(FULL)],
    ]);
    expect(sets.frame(digestAt(4))).toEqual(frameOf(4));
    expect(sets.frame(digestAt(9))).toBeUndefined();
  });

  test("a frame that nobody gives blocks nothing", async () => {
    const mute = { ...linkOf(FULL), frames: SILENT.frames };
    const sets = await gather(
      OWN,
      [inventory(1, FULL), inventory(2, FULL)],
      [
        [1, mute],
        [2, mute],
      ],
    );
    expect(sequencesOf(sets, 2)).toEqual(FULL);
    expect(sets.frame(digestAt(4))).toBeUndefined();
  });
});
