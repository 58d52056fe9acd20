import { expect, test } from "@jest/globals";
import { drain } from "../../../host-sim/fleet/drain.js";

/** Frames arrive at these times; how long it waits for `most` of them. */
async function waited(arrivals: readonly number[], most: number, limit: number): Promise<number> {
  let now = 0;
  const arrived = () => arrivals.filter((at) => at <= now).length;
  const sleep = async (milliseconds: number) => {
    now += milliseconds;
  };
  await drain({ isSettled: () => arrived() >= most, arrived, now: () => now, sleep }, limit);
  return now;
}

test.each([
  ["ends with the last frame", [100, 300, 500], 3, 1000, 500],
  ["waits beyond its limit while frames arrive", [900, 1800, 2700], 3, 1000, 2700],
  ["ends where none has arrived for so long", [500], 2, 1000, 1500],
  ["ends where none ever arrives", [], 1, 1000, 1000],
  ["does not wait where nothing is under way", [], 0, 1000, 0],
] as const)("a drain %s", async (_, arrivals, most, limit, until) => {
  expect(await waited(arrivals, most, limit)).toBe(until);
});
