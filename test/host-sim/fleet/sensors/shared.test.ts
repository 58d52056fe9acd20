import { expect, test } from "@jest/globals";
import { shared } from "../../../../host-sim/fleet/sensors/shared.js";

/** What reads at these times give, each read giving its number. */
function readsAt(fresh: number, times: readonly number[]): number[] {
  let time = 0;
  let reads = 0;
  const read = shared(
    () => reads++,
    fresh,
    () => time,
  );
  return times.map((at) => {
    time = at;
    return read();
  });
}

test.each([
  { fresh: 0, reads: [0, 1, 2, 3] },
  { fresh: 10, reads: [0, 0, 1, 1] },
  { fresh: 100, reads: [0, 0, 0, 0] },
])("kept for $fresh ms", ({ fresh, reads }) => {
  expect(readsAt(fresh, [5, 14, 15, 24])).toEqual(reads);
});

test("an error is not kept, nor is what came before it", () => {
  const outcomes: (() => string)[] = [
    () => "first",
    () => {
      throw new Error("gone");
    },
    () => "back",
  ];
  let time = 0;
  const read = shared(
    () => (outcomes.shift() as () => string)(),
    10,
    () => time,
  );
  expect(read()).toBe("first");
  time = 10;
  expect(read).toThrow("gone");
  expect(read()).toBe("back");
});
