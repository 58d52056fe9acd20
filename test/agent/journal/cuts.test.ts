import { describe, expect, test } from "@jest/globals";
import { exhaust } from "./exhaustive.js";
import { Torture, type TortureOptions } from "./torture.js";

/** What CI must have cut at least, in all tests of this file together. */
const CUTS = 50_000;
const sum = { cuts: 0, tornPrograms: 0, tornErases: 0, frames: 0 };

describe("the power is cut at every operation of a short run, and of the recovery that follows", () => {
  test.each<[string, TortureOptions]>([
    ["four sectors, pieces of 4 bytes", { seed: 1 }],
    ["three sectors, pieces of 32 bytes", { seed: 2, sectors: 3, chip: { programBytes: 32 } }],
  ])("%s", (_name, options) => {
    const done = exhaust(options);
    expect(done.operations).toBeGreaterThan(80);
    expect(done.rounds).toBeGreaterThan(2);
    expect(done.cuts).toBeGreaterThan(10_000);
    sum.cuts += done.cuts;
    sum.tornPrograms += done.tornPrograms;
    sum.tornErases += done.tornErases;
  });
});

describe("the power is cut at random", () => {
  const kinds: [string, Omit<TortureOptions, "seed">][] = [
    ["four small sectors", {}],
    ["three sectors", { sectors: 3 }],
    ["six sectors, pieces of one byte", { sectors: 6, chip: { programBytes: 1 } }],
    ["pieces of 32 bytes", { sectors: 5, chip: { programBytes: 32 } }],
    ["long frames", { sectorBytes: 2048, frameBytes: 700, chip: { programBytes: 8 } }],
    ["sectors as on boards", { sectorBytes: 4096, frameBytes: 400 }],
    ["boots that end at once", { restless: true }],
    ["sectors that wear out", { sectors: 8, sectorBytes: 4096, frameBytes: 400, failing: 3 }],
    ["erases that begin by programming zeros, or not", { chip: { preprogram: false } }],
  ];
  test.each(kinds)("%s", (_name, options) => {
    for (let seed = 1; seed <= 20; seed++) {
      const torture = new Torture({ seed, ...options });
      try {
        torture.run(150);
      } catch (error) {
        throw new Error(`seed ${seed}, after ${torture.seen.cuts} cuts: ${(error as Error).message}`, {
          cause: error,
        });
      }
      sum.cuts += torture.seen.cuts;
      sum.frames += torture.seen.frames;
      sum.tornPrograms += torture.chip.counts.tornPrograms;
      sum.tornErases += torture.chip.counts.tornErases;
    }
  });
});

test(`together at least ${CUTS} cuts, torn programs and erases among them`, () => {
  expect(sum.cuts).toBeGreaterThanOrEqual(CUTS);
  expect(sum.tornPrograms).toBeGreaterThan(CUTS / 5);
  expect(sum.tornErases).toBeGreaterThan(CUTS / 25);
});
