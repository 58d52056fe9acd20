import { describe, expect, test } from "@jest/globals";
import { CompactRange } from "../../../network/log/compact-range.js";
import { partedRoots, verifyConsistency, verifyInclusion } from "../../../network/log/proof-check.js";
import {
  consistencyRanges,
  inclusionRanges,
  partingRanges,
  type Range,
} from "../../../network/log/proof-ranges.js";
import { bytesOf, hexOf } from "../../support/frames.js";
import { entriesOf, plainLeaf, plainRoot, tree, utf8 } from "../../support/logs.js";

/** Entries and roots that other implementations agree on (transparency-dev/merkle, testonly/constants.go). */
const ENTRIES = [
  "",
  "00",
  "10",
  "2021",
  "3031",
  "40414243",
  "5051525354555657",
  "606162636465666768696a6b6c6d6e6f",
].map(bytesOf);
const ROOTS = [
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];
/** testdata/inclusion and testdata/consistency of the same. */
const INCLUSION = [
  [
    0,
    8,
    "lqKW0iTyhcZ77pPDD4owkVfw2qNdxbh+QQt4YwoJz8c= Xwg/ChozygdqlSeYMlgNs+DvRYS9/x9UyKNg9Q3jAx4= a0eq8p7jwq+a+Im8H7klTavTEXfxYjLdaqsDXKOb9uQ=",
  ],
  [
    5,
    8,
    "vBoGQ7EuTS18d5GPROD095qDi2z57FtcKD4fTYhZnms= yoVOoSjtBQtBs1/8G4e46yveRh6eO1WW7Oa51ZdaCuA= 037kGJdt2VdTwcc4Yrk5j6Kiz5tP8P3+izDNlSCWFLc=",
  ],
  [2, 3, "+sVCA+fMaWzw38tCySodnbr3CtnmIfS9jZhmLwDjwSU="],
  [
    1,
    5,
    "bjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0= Xwg/ChozygdqlSeYMlgNs+DvRYS9/x9UyKNg9Q3jAx4= vBoGQ7EuTS18d5GPROD095qDi2z57FtcKD4fTYhZnms=",
  ],
] as const;
const CONSISTENCY = [
  [
    1,
    8,
    "lqKW0iTyhcZ77pPDD4owkVfw2qNdxbh+QQt4YwoJz8c= Xwg/ChozygdqlSeYMlgNs+DvRYS9/x9UyKNg9Q3jAx4= a0eq8p7jwq+a+Im8H7klTavTEXfxYjLdaqsDXKOb9uQ=",
  ],
  [
    6,
    8,
    "DrxdNDf74tsVi58Sah0RjjCBgQMdCpSfje3t68VY72o= yoVOoSjtBQtBs1/8G4e46yveRh6eO1WW7Oa51ZdaCuA= 037kGJdt2VdTwcc4Yrk5j6Kiz5tP8P3+izDNlSCWFLc=",
  ],
  [2, 5, "Xwg/ChozygdqlSeYMlgNs+DvRYS9/x9UyKNg9Q3jAx4= vBoGQ7EuTS18d5GPROD095qDi2z57FtcKD4fTYhZnms="],
  [
    6,
    7,
    "DrxdNDf74tsVi58Sah0RjjCBgQMdCpSfje3t68VY72o= sIaT7C5yFZcTBkHoIR5+7cy0wmQTlj7ubB4u0W/7Gl8= 037kGJdt2VdTwcc4Yrk5j6Kiz5tP8P3+izDNlSCWFLc=",
  ],
] as const;
/** The trees up to this size are gone through whole. */
const MOST = 40;

const leaves = entriesOf(0, MOST).map(plainLeaf);
const roots = Array.from({ length: MOST + 1 }, (_, size) => plainRoot(leaves.slice(0, size)));
const root = (size: number) => roots[size] as Uint8Array;
const hashesOf = (ranges: Range[], of = leaves) =>
  ranges.map(({ start, end }) => plainRoot(of.slice(start, end)));
/** Each with one hash changed. */
const damaged = (hashes: Uint8Array[]) =>
  hashes.map((hash, at) => [...hashes.slice(0, at), flipped(hash), ...hashes.slice(at + 1)]);
const flipped = (hash: Uint8Array) => hash.map((byte, at) => (at === 31 ? byte ^ 1 : byte));

describe("hashes", () => {
  test("of an empty tree, of leaves and of nodes are those of RFC 6962", () => {
    expect(hexOf(tree.empty)).toBe(ROOTS[0]);
    expect(hexOf(tree.leaf(utf8("L123456")))).toBe(
      "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56",
    );
    const [left, right] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
    expect(tree.node(left, right)).toEqual(plainRoot([left, right]));
  });

  test("a compact range has the roots that others have, and those of the definition", () => {
    const range = new CompactRange(tree);
    expect(hexOf(range.root())).toBe(ROOTS[0]);
    for (const [at, entry] of ENTRIES.entries()) {
      range.append(tree.leaf(entry), () => {});
      expect(hexOf(range.root())).toBe(ROOTS[at + 1]);
    }
    const larger = new CompactRange(tree);
    for (const [at, leaf] of leaves.entries()) {
      larger.append(leaf, (level, index, hash) =>
        expect(hash).toEqual(plainRoot(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level))),
      );
      expect(larger.root()).toEqual(root(at + 1));
    }
  });
});

describe("proofs", () => {
  const known = ENTRIES.map((entry) => tree.leaf(entry));
  const base64 = (hashes: Uint8Array[]) =>
    hashes.map((hash) => Buffer.from(hash).toString("base64")).join(" ");

  test.each(INCLUSION)("of entry %d in %d are those that others make", (index, size, proof) => {
    expect(base64(hashesOf(inclusionRanges(index, size), known))).toBe(proof);
  });

  test.each(CONSISTENCY)("from %d to %d are those that others make", (old, size, proof) => {
    expect(base64(hashesOf(consistencyRanges(old, size), known))).toBe(proof);
  });

  test("of each entry in each tree hold, and nothing else does", () => {
    const wrong: string[] = [];
    for (let size = 1; size <= MOST; size++)
      for (let index = 0; index < size; index++) {
        const leaf = leaves[index] as Uint8Array;
        const proof = hashesOf(inclusionRanges(index, size));
        const holds = (i: number, n: number, hashes: Uint8Array[], of = leaf, to = root(size)) =>
          verifyInclusion(tree, i, n, of, hashes, to);
        const others = [
          holds(index, size, proof, flipped(leaf)),
          holds(index, size, proof, leaf, flipped(root(size))),
          holds(index, size, [...proof, leaf]),
          proof.length > 0 && holds(index, size, proof.slice(1)),
          holds(size, size, proof),
          ...damaged(proof).map((hashes) => holds(index, size, hashes)),
          ...leaves.slice(0, size).map((_, other) => other !== index && holds(other, size, proof)),
        ];
        if (!holds(index, size, proof) || others.includes(true)) wrong.push(`${index} in ${size}`);
      }
    expect(wrong).toEqual([]);
  });

  test("from each size to each larger one hold, and nothing else does", () => {
    const wrong: string[] = [];
    for (let size = 1; size <= MOST; size++)
      for (let old = 1; old <= size; old++) {
        const proof = hashesOf(consistencyRanges(old, size));
        const holds = (hashes: Uint8Array[], before = root(old), after = root(size)) =>
          verifyConsistency(tree, old, before, size, after, hashes);
        const others = [
          holds(proof, flipped(root(old))),
          holds(proof, root(old), flipped(root(size))),
          holds([...proof, root(1)]),
          proof.length > 0 && holds(proof.slice(1)),
          ...damaged(proof).map((hashes) => holds(hashes)),
          old < size && verifyConsistency(tree, size, root(old), old, root(size), proof),
        ];
        if (!holds(proof) || others.includes(true)) wrong.push(`${old} to ${size}`);
      }
    expect(wrong).toEqual([]);
  });

  test("from no entries need no hashes, and the root that no entries have", () => {
    expect(verifyConsistency(tree, 0, tree.empty, 3, root(3), [])).toBe(true);
    expect(verifyConsistency(tree, 0, tree.empty, 3, root(3), [root(1)])).toBe(false);
    expect(verifyConsistency(tree, 0, root(1), 3, root(3), [])).toBe(false);
  });

  test("of sizes that are none hold for nobody", () => {
    for (const size of [Number.NaN, -1, 1.5, Number.POSITIVE_INFINITY, 2 ** 60]) {
      expect(verifyInclusion(tree, 0, size, root(1), [], root(1))).toBe(false);
      expect(verifyInclusion(tree, size, 3, root(1), [], root(1))).toBe(false);
      expect(verifyConsistency(tree, size, root(1), 3, root(1), [])).toBe(false);
      expect(verifyConsistency(tree, 1, root(1), size, root(1), [])).toBe(false);
    }
    expect(inclusionRanges(2 ** 52, 2 ** 53 - 1)).toHaveLength(53);
  });

  test("that part a tree show its roots at both sizes", () => {
    for (let size = 1; size <= MOST; size++)
      for (let old = 1; old <= size; old++)
        expect(partedRoots(tree, old, size, hashesOf(partingRanges(old, size)))).toEqual({
          old: root(old),
          new: root(size),
        });
    expect(partedRoots(tree, 3, 7, [])).toBeUndefined();
  });
});
