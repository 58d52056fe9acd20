import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { comparePositions, type Position } from "../../../agent/frame/chain.js";
import { SeenFrames } from "../../../network/verify/seen.js";

const HASH = "00ff7f80".repeat(4);
const OTHER = "00ff7f81".repeat(4);
const hashOf = (number: number) => number.toString(16).padStart(32, "e");
const text = ({ boot, sequence }: Position) => `${boot}/${sequence}`;

test("it knows what was added, by position and hash", () => {
  const seen = new SeenFrames();
  seen.add({ boot: 2, sequence: 5 }, HASH);
  expect(seen.has({ boot: 2, sequence: 5 }, HASH)).toBe(true);
  expect(seen.has({ boot: 2, sequence: 5 }, OTHER)).toBe(false);
  for (const [boot, sequence] of [
    [1, 5],
    [2, 4],
    [2, 6],
    [3, 5],
  ] as const)
    expect(seen.has({ boot, sequence }, HASH)).toBeUndefined();
});

test("nothing is left to forget", () => {
  expect(() => new SeenFrames().forgetFirst()).toThrow(RangeError);
});

test("any order, with forgetting in between: as a plain map would have it", () => {
  const position = fc.record({
    boot: fc.integer({ min: 1, max: 3 }),
    sequence: fc.integer({ min: 0, max: 150 }),
  });
  // Runs of some length, so that blocks fill; `forget`: how many go after each.
  const step = fc.record({ position, length: fc.integer({ min: 1, max: 100 }), forget: fc.nat(60) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const seen = new SeenFrames();
      const model = new Map<string, { position: Position; hash: string }>();
      let count = 0;
      for (const { position, length, forget } of steps) {
        for (let i = 0; i < length; i++) {
          const at = { boot: position.boot, sequence: position.sequence + i };
          if (model.has(text(at))) continue;
          const hash = hashOf(count++);
          seen.add(at, hash);
          model.set(text(at), { position: at, hash });
        }
        const inOrder = [...model.values()].sort((a, b) => comparePositions(a.position, b.position));
        for (const { position: first } of inOrder.slice(0, forget)) {
          expect(seen.forgetFirst()).toEqual(first);
          model.delete(text(first));
        }
        expect(seen.size).toBe(model.size);
      }
      for (let boot = 0; boot <= 4; boot++)
        for (let sequence = 0; sequence <= 251; sequence++) {
          const known = model.get(text({ boot, sequence }));
          const expected = known && true;
          expect(seen.has({ boot, sequence }, known?.hash ?? HASH)).toBe(expected);
          if (known) expect(seen.has({ boot, sequence }, OTHER)).toBe(false);
        }
    }),
    { numRuns: 60, seed: 5 },
  );
});
