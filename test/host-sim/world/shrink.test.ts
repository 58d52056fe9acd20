import { expect, test } from "@jest/globals";
import { replayCommand } from "../../../host-sim/world/command.js";
import type { RunOptions } from "../../../host-sim/world/options.js";
import { planOf, run } from "../../../host-sim/world/run.js";
import { search, swarmFrom } from "../../../host-sim/world/search.js";
import { shrink } from "../../../host-sim/world/shrink.js";
import { HOUR, optionsOf } from "./options.js";

function failing(options: RunOptions) {
  const result = run(options);
  const { failure } = result;
  if (failure === null) throw new Error("the run did not fail");
  return { ...result, failure };
}

test("a failing run is made smaller, and what is left fails alike, with the command that it names", () => {
  const options = optionsOf({ seed: 1, devices: 6, duration: 2 * HOUR, sabotage: "ignore-frozen" });
  const result = failing(options);
  const before = planOf(options).length;
  const small = shrink(options, result, 80);
  expect(small.runs).toBeLessThanOrEqual(80);
  expect(small.result.failure.oracle).toBe(result.failure.oracle);
  expect(planOf(small.options).length).toBeLessThanOrEqual(2);
  expect(before).toBeGreaterThan(20);
  expect(small.options.boards).toHaveLength(1);
  expect(run(small.options)).toEqual(small.result);
  const command = replayCommand(small.options);
  expect(command).toMatch(/^fieldmark world --seed 1 --devices 6 --for 2h --sabotage ignore-frozen --only /);
  expect(command).toContain(`--boards ${small.options.boards?.join(",")}`);
});

test("a failure that needs no fault keeps none", () => {
  const options = optionsOf({ devices: 3, sabotage: "take-clock-as-set" });
  const small = shrink(options, failing(options), 20);
  expect(small.options.only).toEqual([]);
  expect(replayCommand(small.options)).toContain("--only none");
});

test("without runs to spare it stays as it is", () => {
  const options = optionsOf({ devices: 3, sabotage: "take-clock-as-set" });
  const result = failing(options);
  expect(shrink(options, result, 0)).toEqual({ options, result, runs: 0 });
});

test("a swarm tries other boards, faults and lengths from each seed, the same ones each time", () => {
  const tried: RunOptions[] = [];
  const tally = { runs: 0, simulated: 0, signed: 0, cuts: 0 };
  const options = optionsOf({ seed: 400, devices: 3, duration: HOUR });
  const found = search(
    swarmFrom(options),
    tally,
    () => tally.runs >= 12,
    (one) => tried.push(one),
  );
  expect(found).toBeUndefined();
  expect(tried.map(({ seed }) => seed)).toEqual(Array.from({ length: 12 }, (_, i) => 400 + i));
  expect(new Set(tried.map(({ kinds }) => kinds.join())).size).toBeGreaterThan(6);
  expect(new Set(tried.map(({ devices }) => devices)).size).toBe(3);
  const again = swarmFrom(options);
  expect(tried.map(() => again.next().value)).toEqual(tried);
});
