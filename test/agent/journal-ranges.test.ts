import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { IdRanges, MAX_RANGES } from "../../agent/journal/ranges.js";
import { runs } from "../support/runs.js";

/** From and to of each range. */
const boundsOf = (ranges: IdRanges) =>
  Array.from({ length: ranges.ranges }, (_, i) => [ranges.from(i), ranges.to(i)]).flat();

const rangesOf = (pairs: readonly (readonly [number, number])[]) => {
  const ranges = new IdRanges();
  for (const [from, to] of pairs) ranges.append(from, to);
  return ranges;
};

/** All ids from 0 to `end`, as the set finds them from the lowest up, and from the highest down. */
function walk(ranges: IdRanges, end: number): [up: number[], down: number[]] {
  const up: number[] = [];
  const down: number[] = [];
  for (let id = ranges.atLeast(0); id >= 0; id = ranges.atLeast(id + 1)) up.push(id);
  for (let id = ranges.atMost(end); id >= 0; id = ranges.atMost(id - 1)) down.push(id);
  return [up, down];
}

describe("a set of ids in ranges", () => {
  test("empty, it has nothing", () => {
    const ranges = new IdRanges();
    expect([ranges.count, ranges.first, ranges.last, ranges.has(0)]).toEqual([0, -1, -1, false]);
    expect([ranges.atLeast(0), ranges.atMost(100), boundsOf(ranges)]).toEqual([-1, -1, []]);
    ranges.remove(0);
    ranges.removeBelow(5);
    ranges.removeFrom(0);
    expect(ranges.count).toBe(0);
  });

  test("what is appended next to the last range is part of it, and nothing appended is nothing", () => {
    const ranges = rangesOf([
      [3, 5],
      [5, 6],
      [9, 9],
      [8, 10],
    ]);
    expect([boundsOf(ranges), ranges.count, ranges.first, ranges.last]).toEqual([[3, 6, 8, 10], 5, 3, 9]);
  });

  test("without room for one range more, the two that are closest are joined", () => {
    const pairs = Array.from({ length: MAX_RANGES }, (_, i) => [10 * i, 10 * i + (i === 7 ? 8 : 5)] as const);
    const ranges = rangesOf(pairs);
    expect(ranges.count).toBe(5 * MAX_RANGES + 3);
    ranges.append(1000, 1001);
    expect(ranges.count).toBe(5 * MAX_RANGES + 3 + 2 + 1);
    expect([77, 78, 79, 80].map((id) => ranges.has(id))).toEqual([true, true, true, true]);
    expect([ranges.has(75 - 10), ranges.has(89), ranges.last]).toEqual([false, false, 1000]);
  });

  test("without room to split a range, the id stays: its frame is sent once more", () => {
    const ranges = rangesOf(Array.from({ length: MAX_RANGES }, (_, i) => [10 * i, 10 * i + 5] as const));
    ranges.remove(2);
    expect([ranges.has(2), ranges.count]).toEqual([true, 5 * MAX_RANGES]);
    ranges.remove(0);
    ranges.remove(14);
    expect([ranges.has(0), ranges.has(14), ranges.count]).toEqual([false, false, 5 * MAX_RANGES - 2]);
  });

  const id = fc.nat(150);
  const command = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ do: fc.constant("append" as const), gap: fc.nat(3), more: fc.nat(6) }),
    },
    { weight: 6, arbitrary: fc.record({ do: fc.constant("remove" as const), id }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("removeBelow" as const), id }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("removeFrom" as const), id }) },
  );

  test("property: it does what a Set does, and where it has no room it has too many ids rather than too few", () => {
    let joined = 0;
    let kept = 0;
    const run = (commands: readonly (typeof command extends fc.Arbitrary<infer T> ? T : never)[]) => {
      const ranges = new IdRanges();
      const model = new Set<number>();
      let next = 0;
      for (const step of commands) {
        if (step.do === "append") {
          const from = Math.max(next, ranges.last + 1) + step.gap;
          next = from + step.more;
          const before = ranges.count;
          ranges.append(from, next);
          for (let one = from; one < next; one++) model.add(one);
          if (ranges.count !== before + step.more) {
            joined++;
            expect(ranges.count).toBeGreaterThan(before + step.more);
            for (const one of walk(ranges, next)[0]) model.add(one);
          }
        } else {
          ranges[step.do](step.id);
          const isGone = (one: number) =>
            step.do === "remove"
              ? one === step.id
              : step.do === "removeBelow"
                ? one < step.id
                : one >= step.id;
          for (const one of [...model]) if (isGone(one)) model.delete(one);
          if (step.do === "remove" && ranges.has(step.id)) {
            kept++;
            expect(boundsOf(ranges)).toHaveLength(2 * MAX_RANGES);
            model.add(step.id);
          }
        }
        const ids = [...model].sort((a, b) => a - b);
        expect(walk(ranges, 10_000)).toEqual([ids, [...ids].reverse()]);
        expect([ranges.count, ranges.first, ranges.last]).toEqual([
          ids.length,
          ids[0] ?? -1,
          ids.at(-1) ?? -1,
        ]);
        expect(boundsOf(ranges).every((bound, i, all) => i === 0 || bound > (all[i - 1] as number))).toBe(
          true,
        );
      }
    };
    const commands = fc.array(command, { minLength: 10, maxLength: 120 });
    fc.assert(fc.property(commands, run), { numRuns: runs(300, 15), seed: 400 });
    // Many small ranges, so that there is no room.
    const sparse = Array.from({ length: 40 }, () => ({ do: "append" as const, gap: 2, more: 3 }));
    const middles = Array.from({ length: 40 }, (_, i) => ({ do: "remove" as const, id: 5 * i + 3 }));
    run([...sparse, ...middles]);
    expect([joined > 0, kept > 0]).toEqual([true, true]);
  });
});
