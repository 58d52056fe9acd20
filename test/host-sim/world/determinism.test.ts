import { createHash } from "node:crypto";
import { expect, test } from "@jest/globals";
import { makePlan } from "../../../host-sim/world/plan.js";
import { run } from "../../../host-sim/world/run.js";
import { jsonLines, run as runCli } from "../../support/cli.js";
import { optionsOf } from "./options.js";

test("the same seed gives the same trace, in this process and in another", async () => {
  const options = optionsOf({ seed: 11, devices: 3 });
  const first = run(options);
  expect(first.failure).toBeNull();
  expect(run(options)).toEqual(first);
  const args = ["world", "--seed", "11", "--devices", "3", "--for", "1h", "--json"];
  const { code, stdout } = await runCli(args);
  expect(code).toBe(0);
  expect(jsonLines(stdout)[0]).toMatchObject({
    seed: 11,
    devices: 3,
    trace: first.trace,
    cuts: first.cuts,
    frames: first.frames,
    faults: first.faults,
    failure: null,
    seconds: Math.round(first.simulated / 1000),
  });
});

test("another seed, another trace", () => {
  const traces = [1, 2, 3].map((seed) => run(optionsOf({ seed, devices: 1 })).trace);
  expect(new Set(traces).size).toBe(3);
});

test("the trace's lines are what its hash is of", () => {
  const hash = createHash("sha256");
  let lines = 0;
  const result = run(optionsOf({ devices: 1 }), (text) => {
    hash.update(text);
    lines += text.split("\n").length - 1;
  });
  expect(result.trace).toBe(hash.digest("hex"));
  expect(result.lines).toBe(lines);
});

test("a plan is a function of its options, and each kind's part of it does not depend on the others", () => {
  const options = optionsOf({ seed: 5, devices: 9 });
  const plan = makePlan(options);
  expect(makePlan(options)).toEqual(plan);
  expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
  expect(makePlan({ ...options, kinds: ["freeze"] })).toEqual(plan.filter(({ kind }) => kind === "freeze"));
});

test("a board does the same whether others are there or not, where nothing that they share fails", () => {
  const traceOf = (boards: readonly number[]) => {
    let text = "";
    run(optionsOf({ devices: 3, kinds: ["power-cut", "brown-out"], boards }), (lines) => {
      text += lines;
    });
    return text.split("\n").filter((line) => / board-1 (signed|off|boot)/.test(line));
  };
  const alone = traceOf([1]);
  expect(alone.length).toBeGreaterThan(50);
  expect(traceOf([0, 1, 2])).toEqual(alone);
});
