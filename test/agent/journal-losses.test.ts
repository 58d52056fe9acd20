import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { DroppedRange, Position } from "../../agent/frame/chain.js";
import { parseFrame } from "../../agent/frame/parse.js";
import { Losses, MAX_DECLARED, MAX_LOSSES } from "../../agent/journal/losses.js";
import { makeFrame } from "../support/frames.js";
import { runs } from "../support/runs.js";
import { range } from "./logbook.js";

/** Losses of one frame in each of so many boots. */
const boots = (count: number, from = 1) => Array.from({ length: count }, (_, i) => range(from + i, 5));

describe("losses", () => {
  test("of nothing", () => {
    const losses = new Losses();
    expect([losses.all, losses.declared, losses.hasRoom([])]).toEqual([[], [], true]);
    losses.acknowledged(0, 1);
    losses.add([], 1);
    expect(losses.all).toEqual([]);
  });

  test("leave with the acknowledgement of a frame that declared them, and of no older one", () => {
    const losses = new Losses();
    losses.add([range(1, 9)], 7);
    losses.acknowledged(6, 8);
    expect(losses.all).toEqual([range(1, 9)]);
    losses.acknowledged(7, 8);
    expect([losses.all, losses.declared]).toEqual([[], []]);
  });

  test("that came later are not declared by the frames before: those take nothing away", () => {
    const losses = new Losses();
    losses.add([range(1, 9)], 7);
    losses.add([range(1, 12)], 9);
    losses.acknowledged(8, 9);
    expect(losses.all).toEqual([range(1, 9), range(1, 12)]);
    losses.acknowledged(9, 10);
    expect(losses.all).toEqual([]);
  });

  test("are declared a few at a time, the oldest and the newest first; the next ones have their turn when those are known", () => {
    const losses = new Losses();
    const all = boots(2 * MAX_DECLARED + 1);
    losses.add(all, 0);
    const declared: (readonly DroppedRange[])[] = [];
    for (let id = 0; losses.declared.length > 0; id++) {
      declared.push(losses.declared);
      losses.acknowledged(id, id + 1);
    }
    expect(declared.map(({ length }) => length)).toEqual([MAX_DECLARED, MAX_DECLARED, 1]);
    const newest = declared.map((ranges) => ranges.at(-1)).reverse();
    expect(newest).toEqual(all.slice(-declared.length));
    expect(declared.flatMap((ranges) => ranges.slice(0, -1))).toEqual(all.slice(0, -declared.length));
  });

  test("whose turn has come are not declared by frames that were signed while others had theirs", () => {
    const losses = new Losses();
    losses.add(boots(MAX_DECLARED + 1), 0);
    losses.acknowledged(0, 5); // frames 1 to 4 declare the first ones again
    expect(losses.declared).toEqual([range(MAX_DECLARED, 5)]);
    for (const id of [1, 2, 3, 4]) losses.acknowledged(id, 5);
    expect(losses.all).toHaveLength(1);
    losses.acknowledged(5, 6);
    expect(losses.all).toEqual([]);
  });

  test("just before the next frame are always declared by it, however many others wait", () => {
    const losses = new Losses();
    losses.add(boots(MAX_LOSSES - 1), 0);
    losses.add([range(MAX_LOSSES, 0, 7)], 0);
    expect(losses.declared).toContainEqual(range(MAX_LOSSES, 0, 7));
  });

  test("of one boot more than are remembered have no room, of a boot that is known they have", () => {
    const losses = new Losses();
    losses.add(boots(MAX_LOSSES), 0);
    expect(losses.hasRoom([range(MAX_LOSSES + 1, 0)])).toBe(false);
    expect(losses.hasRoom([range(3, 6)])).toBe(true);
    expect(losses.hasRoom([range(3, 90)])).toBe(true);
    losses.add([range(3, 90)], 1);
    expect([losses.all.length, losses.all[2]]).toEqual([MAX_LOSSES, range(3, 5, 90)]);
  });
});

describe("joining of ranges", () => {
  test.each<{ name: string; ranges: DroppedRange[]; added: DroppedRange; result: DroppedRange[] }>([
    { name: "the first", ranges: [], added: range(1, 5), result: [range(1, 5)] },
    { name: "next to it", ranges: [range(1, 5)], added: range(1, 6), result: [range(1, 5, 6)] },
    { name: "just before", ranges: [range(1, 5)], added: range(1, 4), result: [range(1, 4, 5)] },
    { name: "apart", ranges: [range(1, 5)], added: range(1, 7), result: [range(1, 5), range(1, 7)] },
    { name: "the same", ranges: [range(1, 5, 9)], added: range(1, 5, 9), result: [range(1, 5, 9)] },
    { name: "inside", ranges: [range(1, 5, 9)], added: range(1, 6, 7), result: [range(1, 5, 9)] },
    { name: "overlapping", ranges: [range(1, 5, 9)], added: range(1, 8, 12), result: [range(1, 5, 12)] },
    {
      name: "filling a hole",
      ranges: [range(1, 1, 2), range(1, 4, 5)],
      added: range(1, 3),
      result: [range(1, 1, 5)],
    },
    {
      name: "over several",
      ranges: [range(1, 5), range(1, 7), range(1, 9)],
      added: range(1, 2, 12),
      result: [range(1, 2, 12)],
    },
    {
      name: "reaching into the second next",
      ranges: [range(1, 5, 6), range(1, 9)],
      added: range(1, 3, 8),
      result: [range(1, 3, 9)],
    },
    { name: "another boot", ranges: [range(1, 5)], added: range(2, 6), result: [range(1, 5), range(2, 6)] },
    {
      name: "an earlier boot",
      ranges: [range(2, 0)],
      added: range(1, 9),
      result: [range(1, 9), range(2, 0)],
    },
    {
      name: "too many of a boot: over what lies between",
      ranges: Array.from({ length: MAX_LOSSES - 1 }, (_, i) => range(1, 2 * i)).concat(range(2, 1)),
      added: range(1, 99),
      result: [range(1, 0, 99), range(2, 1)],
    },
  ])("$name", ({ ranges, added, result }) => {
    const losses = new Losses();
    losses.add(ranges, 0);
    losses.add([added], 0);
    expect(losses.all).toEqual(result);
  });

  const anyRange = fc
    .record({
      boot: fc.constantFrom(1, 2, 2, 2, 3, 4, 5, 6),
      first: fc.nat(40),
      more: fc.constantFrom(0, 0, 1, 2, 6, 15),
    })
    .map(({ boot, first, more }) => range(boot, first, first + more));

  test("property: as a naive model has it, and always as a judge wants it", () => {
    fc.assert(
      fc.property(fc.array(anyRange, { maxLength: 30 }), (added) => {
        const losses = new Losses();
        let model: Position[] = [];
        for (const [id, one] of added.entries()) {
          losses.add([one], id);
          model = lostInModel(model, one);
          expect(losses.all).toEqual(rangesOf(model));
          expect(losses.declared).toEqual(
            losses.all.length <= MAX_DECLARED
              ? losses.all
              : [...losses.all.slice(0, MAX_DECLARED - 1), losses.all.at(-1)],
          );
        }
        if (added.length === 0) return;
        const frame = makeFrame(undefined, { boot: 7, dropped: losses.declared });
        expect(parseFrame(frame)).toMatchObject({ frame: { dropped: losses.declared } });
      }),
      { numRuns: runs(200, 30), seed: 300 },
    );
  });
});

/** Positions instead of ranges. */
function lostInModel(before: readonly Position[], { boot, first, last }: DroppedRange): Position[] {
  const keys = new Set(before.map((p) => p.boot * 1000 + p.sequence));
  for (let sequence = first; sequence <= last; sequence++) keys.add(boot * 1000 + sequence);
  const positions = () =>
    [...keys].sort((a, b) => a - b).map((key) => ({ boot: Math.floor(key / 1000), sequence: key % 1000 }));
  if (rangesOf(positions()).length <= MAX_LOSSES) return positions();
  for (let b = 0; b < 10; b++) {
    const own = positions()
      .filter((p) => p.boot === b)
      .map((p) => p.sequence);
    for (let sequence = Math.min(...own); sequence <= Math.max(...own); sequence++)
      keys.add(b * 1000 + sequence);
  }
  return positions();
}

function rangesOf(positions: readonly Position[]): DroppedRange[] {
  const ranges: { boot: number; first: number; last: number }[] = [];
  for (const { boot, sequence } of positions) {
    const open = ranges.at(-1);
    if (open?.boot === boot && open.last + 1 === sequence) open.last = sequence;
    else ranges.push({ boot, first: sequence, last: sequence });
  }
  return ranges;
}
