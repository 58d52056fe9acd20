import { setImmediate as macrotask } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { DroppedRange } from "../../../agent/frame/chain.js";
import type { ChainFrame } from "../../../network/verify/chain.js";
import { createChain, Device, judge, range, WAITING } from "./device.js";

/** Frames that a device's chain remembers. */
const REMEMBERED = 4096;

describe("memory is bounded", () => {
  test("of 10,000 frames the last 4,096 are known again; older ones are late", () => {
    const chain = createChain();
    const frames = new Device().run(1, 0, 9999);
    for (const item of frames) {
      chain.add(item);
      for (const { link } of chain.settled()) expect(link).not.toBe("broken");
    }
    const standings = frames.map((item) => chain.standing(item));
    const known = frames.length - REMEMBERED;
    expect(standings.slice(0, known).every((one) => one === "late")).toBe(true);
    expect(standings.slice(known).every((one) => one === "duplicate")).toBe(true);
    expect(chain.standing({ ...(frames[known] as ChainFrame), hash: "bb".repeat(16) })).toBe("equivocation");
  });

  test("frames and the losses that they declare are let go of", async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const chain = createChain();
    const device = new Device();
    const items: WeakRef<ChainFrame>[] = [];
    const ranges: WeakRef<DroppedRange>[] = [];
    // A board that loses every other frame, and says so.
    for (let i = 0; i < 10_000; i++) {
      const dropped = i === 0 ? [] : [range(1, 2 * i - 1)];
      const item = device.frame(1, 2 * i, dropped);
      items.push(new WeakRef(item));
      for (const one of dropped) ranges.push(new WeakRef(one));
      chain.add(item);
      for (const { link } of chain.settled()) expect(link).not.toBe("broken");
    }
    await macrotask();
    collect();
    const alive = (refs: WeakRef<object>[]) => refs.filter((ref) => ref.deref() !== undefined).length;
    expect(alive(items)).toBeLessThanOrEqual(WAITING + 1);
    expect(alive(ranges)).toBeLessThanOrEqual(WAITING + 1);
    expect(chain.waiting).toBe(0);
  });
});

describe("properties", () => {
  /** A device's frames over some boots, all linked. */
  const history = fc.array(fc.integer({ min: 1, max: 25 }), { minLength: 1, maxLength: 5 }).map((lengths) => {
    const device = new Device();
    return lengths.flatMap((length, boot) => device.run(boot + 1, 0, length - 1));
  });

  test("any order within a window, with duplicates, gives each frame once, in order, and no break", () => {
    const shuffle = fc.record({
      frames: history,
      // A frame comes at most `delay` places after its turn.
      delays: fc.array(fc.integer({ min: 0, max: WAITING - 1 }), { minLength: 125, maxLength: 125 }),
      again: fc.array(fc.boolean(), { minLength: 125, maxLength: 125 }),
    });
    fc.assert(
      fc.property(shuffle, ({ frames, delays, again }) => {
        const turns = frames.flatMap((item, i) => {
          const turn = i + (delays[i] as number);
          return again[i]
            ? [
                { item, turn },
                { item, turn: turn + (delays[i + 1] ?? 0) },
              ]
            : [{ item, turn }];
        });
        turns.sort((a, b) => a.turn - b.turn);
        const said = judge(turns.map(({ item }) => item));
        const places = frames.map(
          ({ frame }, i) => `${frame.boot}/${frame.sequence} ${i === 0 ? "first" : "linked"}`,
        );
        expect(said.filter((one) => !one.endsWith("duplicate"))).toEqual(places);
        expect(said.length - places.length).toBe(frames.filter((_, i) => again[i]).length);
      }),
      { numRuns: 200, seed: 7 },
    );
  });

  test("one frame that is left out and not declared is exactly one break", () => {
    fc.assert(
      fc.property(history, fc.nat(), (frames, at) => {
        fc.pre(frames.length > 2);
        const out = 1 + (at % (frames.length - 2));
        const said = judge(frames.filter((_, i) => i !== out));
        const { boot, sequence } = (frames[out + 1] as ChainFrame).frame;
        expect(said.filter((one) => one.includes("broken"))).toEqual([
          expect.stringContaining(`${boot}/${sequence} broken`),
        ]);
        expect(said).toHaveLength(frames.length - 1);
      }),
      { numRuns: 200, seed: 8 },
    );
  });

  test("one frame whose bytes are exchanged is exactly one break, at the frame after it", () => {
    fc.assert(
      fc.property(history, fc.nat(), (frames, at) => {
        fc.pre(frames.length > 1);
        const out = at % (frames.length - 1);
        const said = judge(frames.map((item, i) => (i === out ? { ...item, hash: "bb".repeat(16) } : item)));
        const { boot, sequence } = (frames[out + 1] as ChainFrame).frame;
        expect(said.filter((one) => one.includes("broken"))).toEqual([
          expect.stringContaining(`${boot}/${sequence} broken`),
        ]);
      }),
      { numRuns: 200, seed: 9 },
    );
  });

  test("frames that are left out and declared in the next are no break", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 20 }),
        fc.nat(10),
        (before, lost, after) => {
          const device = new Device();
          const start = device.run(1, 0, before - 1);
          device.run(1, before, before + lost - 1);
          const declaring = device.frame(1, before + lost, [range(1, before, before + lost - 1)]);
          const rest = device.run(1, before + lost + 1, before + lost + after);
          expect(judge([...start, declaring, ...rest]).filter((one) => one.includes("broken"))).toEqual([]);
        },
      ),
      { numRuns: 100, seed: 10 },
    );
  });
});
