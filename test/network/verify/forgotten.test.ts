import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { comparePositions, type Position } from "../../../agent/frame/chain.js";
import { ForgottenFrames } from "../../../network/verify/forgotten.js";

const text = ({ boot, sequence }: Position) => `${boot}/${sequence}`;

test("any order: as a plain set would have it", () => {
  const position = fc.record({
    boot: fc.integer({ min: 1, max: 3 }),
    sequence: fc.integer({ min: 0, max: 40 }),
  });
  fc.assert(
    fc.property(fc.array(position, { maxLength: 150 }), (positions) => {
      const forgotten = new ForgottenFrames();
      const model = new Set<string>();
      for (const one of positions) {
        expect(forgotten.has(one)).toBe(model.has(text(one)));
        if (!model.has(text(one))) forgotten.add(one);
        model.add(text(one));
      }
      for (let boot = 0; boot <= 4; boot++)
        for (let sequence = 0; sequence <= 41; sequence++)
          expect(forgotten.has({ boot, sequence })).toBe(model.has(text({ boot, sequence })));
    }),
    { numRuns: 100, seed: 12 },
  );
});

test("beyond 256 gaps the oldest are closed: what was added is always known, and new places are free", () => {
  const forgotten = new ForgottenFrames();
  const added = Array.from({ length: 1000 }, (_, i) => ({ boot: 1 + (i >> 8), sequence: 2 * (i & 255) }));
  for (const one of added) forgotten.add(one);
  expect(added.every((one) => forgotten.has(one))).toBe(true);
  const between = added.map(({ boot, sequence }) => ({ boot, sequence: sequence + 1 }));
  const known = between.filter((one) => forgotten.has(one));
  expect(known).toHaveLength(1000 - 256 - 1);
  const [last] = known.slice(-1) as [Position];
  expect(between.every((one) => forgotten.has(one) === comparePositions(one, last) <= 0)).toBe(true);
});
