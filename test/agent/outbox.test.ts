import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { DroppedRange, Position } from "../../agent/frame/chain.js";
import { parseFrame } from "../../agent/frame/parse.js";
import { addLoss, MAX_LOSSES } from "../../agent/outbox/losses.js";
import { createMemoryOutbox } from "../../agent/outbox/memory.js";
import type { Outbox } from "../../agent/outbox/outbox.js";
import { makeFrame } from "../support/frames.js";
import { runs } from "../support/runs.js";

const range = (boot: number, first: number, last = first): DroppedRange => ({ boot, first, last });
const frameOf = (sequence: number) => Uint8Array.of(sequence, sequence + 1, sequence + 2);

/** An outbox with frames 0 to `frames` - 1 of boot 1. */
function filled(capacity: number, frames: number): Outbox {
  const outbox = createMemoryOutbox(capacity, 8);
  for (let sequence = 0; sequence < frames; sequence++)
    outbox.append({ boot: 1, sequence }, frameOf(sequence));
  return outbox;
}

const contents = (outbox: Outbox) => {
  const found: [id: number, sequence: number][] = [];
  for (let id = 0; id < outbox.next + 2; id++) {
    const frame = outbox.get(id);
    const position = outbox.position(id);
    expect(frame === undefined).toBe(position === undefined);
    if (frame === undefined || position === undefined) continue;
    expect([...frame]).toEqual([...frameOf(position.sequence)]);
    found.push([id, position.sequence]);
  }
  return found;
};

describe("the outbox in RAM", () => {
  test("an empty one", () => {
    const outbox = filled(4, 0);
    expect([outbox.first, outbox.next, outbox.pending, outbox.losses]).toEqual([0, 0, 0, []]);
    expect([outbox.get(0), outbox.position(0), outbox.get(-1)]).toEqual([undefined, undefined, undefined]);
    outbox.acknowledge(0);
    expect([outbox.first, outbox.next, outbox.pending]).toEqual([0, 0, 0]);
  });

  test("keeps frames in order, each with its own bytes, under ids that rise by one", () => {
    const outbox = filled(4, 3);
    expect(contents(outbox)).toEqual([
      [0, 0],
      [1, 1],
      [2, 2],
    ]);
    expect([outbox.first, outbox.next, outbox.pending]).toEqual([0, 3, 3]);
  });

  test("keeps a copy", () => {
    const outbox = createMemoryOutbox(2, 8);
    const frame = Uint8Array.of(1, 2, 3);
    outbox.append({ boot: 1, sequence: 0 }, frame);
    frame.fill(9);
    expect([...(outbox.get(0) as Uint8Array)]).toEqual([1, 2, 3]);
  });

  test("acknowledged out of turn: the others stay, and the first moves on when it can", () => {
    const outbox = filled(4, 4);
    outbox.acknowledge(1);
    outbox.acknowledge(1);
    outbox.acknowledge(2);
    expect([outbox.first, outbox.pending]).toEqual([0, 2]);
    expect(contents(outbox).map(([id]) => id)).toEqual([0, 3]);
    outbox.acknowledge(0);
    expect([outbox.first, outbox.next, outbox.pending]).toEqual([3, 4, 1]);
    outbox.acknowledge(3);
    expect([outbox.first, outbox.next, outbox.pending]).toEqual([4, 4, 0]);
    expect(outbox.losses).toEqual([]);
  });

  test("full: the oldest is lost, and said to be", () => {
    const outbox = filled(4, 6);
    expect(contents(outbox).map(([id]) => id)).toEqual([2, 3, 4, 5]);
    expect(outbox.losses).toEqual([range(1, 0, 1)]);
    expect([outbox.first, outbox.next, outbox.pending]).toEqual([2, 6, 4]);
  });

  test("a frame that is too long is refused, and costs none of the others", () => {
    const outbox = filled(2, 2);
    const append = () => outbox.append({ boot: 1, sequence: 2 }, new Uint8Array(9));
    expect(append).toThrow(new RangeError("a frame of 9 bytes, not 8"));
    expect(contents(outbox).map(([id]) => id)).toEqual([0, 1]);
    expect(outbox.losses).toEqual([]);
  });

  test("a capacity of one", () => {
    const outbox = filled(1, 3);
    expect(contents(outbox)).toEqual([[2, 2]]);
    expect(outbox.losses).toEqual([range(1, 0, 1)]);
    outbox.acknowledge(2);
    expect([outbox.first, outbox.next, outbox.pending]).toEqual([3, 3, 0]);
  });
});

describe("losses leave only with the acknowledgement of a frame that declared them", () => {
  test.each<{ name: string; run: (outbox: Outbox) => void; left: DroppedRange[] }>([
    { name: "nothing acknowledged", run: () => {}, left: [range(1, 9)] },
    { name: "an older frame, which did not declare it", run: (o) => o.acknowledge(0), left: [range(1, 9)] },
    { name: "the frame that declared it", run: (o) => o.acknowledge(1), left: [] },
    {
      name: "the frame that declared it, after a new loss",
      run(o) {
        o.lose(range(1, 12));
        o.acknowledge(1);
      },
      left: [range(1, 9), range(1, 12)],
    },
    {
      name: "a later frame that declared both",
      run(o) {
        o.lose(range(1, 12));
        o.append({ boot: 1, sequence: 13 }, frameOf(13));
        o.acknowledge(2);
      },
      left: [],
    },
    {
      name: "a frame that left before",
      run(o) {
        o.acknowledge(1);
        o.lose(range(1, 12));
        o.acknowledge(1);
      },
      left: [range(1, 12)],
    },
  ])("$name", ({ run, left }) => {
    const outbox = createMemoryOutbox(4, 8);
    outbox.append({ boot: 1, sequence: 8 }, frameOf(8));
    outbox.lose(range(1, 9));
    outbox.append({ boot: 1, sequence: 10 }, frameOf(10));
    run(outbox);
    expect(outbox.losses).toEqual(left);
  });

  test("the frame whose arrival pushed another out does not declare that one: it was signed before", () => {
    const outbox = filled(2, 3);
    expect(outbox.losses).toEqual([range(1, 0)]);
    outbox.acknowledge(2);
    expect(outbox.losses).toEqual([range(1, 0)]);
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
      ranges: [range(1, 1), range(1, 3), range(1, 5), range(2, 1)],
      added: range(1, 7),
      result: [range(1, 1, 7), range(2, 1)],
    },
    {
      name: "too many boots: without the oldest",
      ranges: [range(1, 1), range(2, 1), range(3, 1), range(4, 1)],
      added: range(5, 1),
      result: [range(2, 1), range(3, 1), range(4, 1), range(5, 1)],
    },
  ])("$name", ({ ranges, added, result }) => {
    expect(addLoss(ranges, added)).toEqual(result);
  });

  const anyRange = fc
    .record({
      boot: fc.constantFrom(1, 2, 2, 2, 3, 4, 5, 6),
      first: fc.nat(24),
      more: fc.constantFrom(0, 0, 1, 2, 6, 15),
    })
    .map(({ boot, first, more }) => range(boot, first, first + more));

  test("property: as a naive model has it, and always as a judge wants it", () => {
    fc.assert(
      fc.property(fc.array(anyRange, { maxLength: 12 }), (added) => {
        let ranges: DroppedRange[] = [];
        let model: Position[] = [];
        for (const one of added) {
          ranges = addLoss(ranges, one);
          model = lostInModel(model, one);
          expect(ranges).toEqual(rangesOf(model));
        }
        if (ranges.length === 0) return;
        const frame = makeFrame(undefined, { boot: 7, dropped: ranges });
        expect(parseFrame(frame)).toMatchObject({ frame: { dropped: ranges } });
      }),
      { numRuns: runs(300, 60), seed: 300 },
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
  const kept = rangesOf(positions()).slice(-MAX_LOSSES);
  return positions().filter((p) => kept.some((k) => k.boot === p.boot));
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

test("property: the outbox does what a naive one does", () => {
  const command = fc.oneof(
    { weight: 5, arbitrary: fc.constant({ do: "append" as const }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant("acknowledge" as const), back: fc.nat(9) }) },
    { weight: 1, arbitrary: fc.constant({ do: "lose" as const }) },
  );
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 6 }),
      fc.array(command, { maxLength: 60 }),
      (capacity, commands) => {
        const outbox = createMemoryOutbox(capacity, 8);
        let kept: { id: number; sequence: number; declared: readonly number[] }[] = [];
        let lost: number[] = [];
        let next = 0;
        let sequence = 0;
        for (const step of commands) {
          if (step.do === "append") {
            const declared = [...lost];
            outbox.append({ boot: 1, sequence }, frameOf(sequence));
            if (kept[0] !== undefined && next - kept[0].id === capacity)
              lost.push((kept.shift() as { sequence: number }).sequence);
            kept.push({ id: next++, sequence: sequence++, declared });
          } else if (step.do === "lose") {
            outbox.lose(range(1, sequence));
            lost.push(sequence++);
          } else {
            const id = next - 1 - step.back;
            const left = kept.find((one) => one.id === id);
            kept = kept.filter((one) => one.id !== id);
            outbox.acknowledge(id);
            if (left !== undefined && lost.every((one) => left.declared.includes(one))) lost = [];
          }
          expect(contents(outbox)).toEqual(kept.map((one) => [one.id, one.sequence]));
          expect([outbox.first, outbox.next, outbox.pending]).toEqual([
            kept[0]?.id ?? next,
            next,
            kept.length,
          ]);
          const said = (one: number) => outbox.losses.some(({ first, last }) => first <= one && one <= last);
          expect(lost.every(said)).toBe(true);
          if (lost.length === 0) expect(outbox.losses).toEqual([]);
        }
      },
    ),
    { numRuns: runs(500, 60), seed: 500 },
  );
});
