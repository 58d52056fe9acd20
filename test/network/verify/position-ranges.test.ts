import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { PositionRanges } from "../../../network/verify/position-ranges.js";

const BOOTS = [1, 2, 3];
const LAST = 30;
const range = fc
  .record({ boot: fc.constantFrom(...BOOTS), first: fc.nat(LAST), length: fc.nat(8) })
  .map(({ boot, first, length }) => ({ boot, first, last: Math.min(LAST, first + length) }));
const text = (boot: number, sequence: number) => `${boot}/${sequence}`;

test("any ranges in any order: as a plain set would have it", () => {
  fc.assert(
    fc.property(
      fc.array(range, { maxLength: 40 }),
      fc.record({ boot: fc.constantFrom(...BOOTS), sequence: fc.nat(LAST) }),
      (added, through) => {
        const ranges = new PositionRanges();
        const model = new Set<string>();
        for (const one of added) {
          ranges.add(one);
          for (let at = one.first; at <= one.last; at++) model.add(text(one.boot, at));
        }
        const check = () => {
          let runs = 0;
          for (const boot of BOOTS)
            for (let at = 0; at <= LAST + 1; at++) {
              const isIn = model.has(text(boot, at));
              expect(ranges.has({ boot, sequence: at })).toBe(isIn);
              if (isIn && !model.has(text(boot, at - 1))) runs++;
              const rest = ranges.rest(boot, at, LAST);
              expect(rest.reduce((sum, { first, last }) => sum + last - first + 1, 0)).toBe(
                Array.from({ length: LAST - at + 1 }, (_, i) => text(boot, at + i)).filter(
                  (one) => !model.has(one),
                ).length,
              );
              expect(ranges.covers(boot, at, LAST)).toBe(rest.length === 0);
            }
          expect(ranges.size).toBe(runs);
          expect(ranges.hasBetween(1, 3)).toBe([...model].some((one) => one.startsWith("2/")));
        };
        check();
        // What is copied or cut out stays as it was.
        const part = ranges.within({ boot: 1, sequence: 5 }, { boot: 2, sequence: 9 }, 100);
        for (const boot of BOOTS)
          for (let at = boot === 1 ? 5 : 0; at <= (boot === 2 ? 9 : boot === 1 ? LAST : -1); at++)
            expect(part.has({ boot, sequence: at })).toBe(model.has(text(boot, at)));
        const { size } = ranges.copy();
        expect(size).toBe(ranges.size);
        ranges.removeThrough(through);
        for (const boot of BOOTS)
          for (let at = 0; at <= LAST; at++) {
            const isAfter = boot > through.boot || (boot === through.boot && at > through.sequence);
            if (isAfter) expect(ranges.has({ boot, sequence: at })).toBe(model.has(text(boot, at)));
            else if (boot < through.boot) expect(ranges.has({ boot, sequence: at })).toBe(false);
          }
      },
    ),
    { numRuns: 200, seed: 15 },
  );
});

test("at the ends of what a counter can be", () => {
  const ranges = new PositionRanges();
  const most = Number.MAX_SAFE_INTEGER;
  ranges.add({ boot: most, first: most, last: most });
  ranges.add({ boot: most, first: 0, last: 0 });
  expect([ranges.size, ranges.has({ boot: most, sequence: most }), ranges.covers(most, 0, most)]).toEqual([
    2,
    true,
    false,
  ]);
  ranges.add({ boot: most, first: 1, last: most - 1 });
  expect([ranges.size, ranges.covers(most, 0, most)]).toEqual([1, true]);
  ranges.removeThrough({ boot: most, sequence: most });
  expect([ranges.size, ranges.bytes, ranges.removeFirst()]).toEqual([0, 0, undefined]);
});
