import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { Holdings } from "../../../agent/receipt/holdings.js";
import { runs } from "../../support/runs.js";

describe("what witnesses hold", () => {
  test("each witness counts once, and both ends are kept apart", () => {
    const holdings = new Holdings(2);
    holdings.add(0, 2, 5, 0);
    holdings.add(1, 4, 6, 0);
    expect([1, 2, 3, 4, 5, 6].map((id) => holdings.holders(id))).toEqual([0, 1, 1, 2, 1, 0]);
    expect([holdings.has(0, 2, 5), holdings.has(0, 2, 6), holdings.has(1, 4, 6)]).toEqual([
      true,
      false,
      true,
    ]);
  });

  test("stretches that touch become one", () => {
    const holdings = new Holdings(1);
    holdings.add(0, 0, 2, 0);
    holdings.add(0, 4, 6, 0);
    expect(holdings.has(0, 0, 6)).toBe(false);
    holdings.add(0, 2, 4, 0);
    expect(holdings.has(0, 0, 6)).toBe(true);
  });

  test("of more than three the shortest is forgotten, and what has left first", () => {
    const holdings = new Holdings(1);
    for (const [from, to] of [
      [10, 11],
      [20, 25],
      [30, 35],
      [40, 45],
    ] as const)
      holdings.add(0, from, to, 0);
    expect([10, 20, 30, 40].map((id) => holdings.holders(id))).toEqual([0, 1, 1, 1]);
    holdings.add(0, 50, 51, 30);
    expect([20, 30, 40, 50].map((id) => holdings.holders(id))).toEqual([0, 1, 1, 1]);
  });

  test("nobody is said to hold what none of its receipts covers", () => {
    const stretch = fc.tuple(fc.nat(1), fc.nat(40), fc.integer({ min: 1, max: 8 }));
    fc.assert(
      fc.property(fc.array(stretch, { maxLength: 12 }), (given) => {
        const holdings = new Holdings(2);
        const said: Set<number>[] = [new Set(), new Set()];
        for (const [witness, from, length] of given) {
          holdings.add(witness, from, from + length, 0);
          for (let id = from; id < from + length; id++) said[witness]?.add(id);
        }
        for (let id = 0; id < 50; id++)
          expect(holdings.holders(id)).toBeLessThanOrEqual(said.filter((ids) => ids.has(id)).length);
      }),
      { numRuns: runs(200, 20) },
    );
  });
});
