import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { DEFAULT_CREATION } from "../../../host-sim/engines/xs/engine.js";
import { replayCommand } from "../../../host-sim/world/command.js";
import type { RunOptions } from "../../../host-sim/world/options.js";
import { run } from "../../../host-sim/world/run.js";
import type { SabotageName } from "../../../host-sim/world/sabotage/all.js";
import { startVirtualXs, type VirtualXsEngine } from "../../../host-sim/world/xs/engine.js";
import { bundleScript, COMPILE_TIMEOUT, ROOT } from "../engines/xs/xs-host.js";
import { HOUR, optionsOf } from "./options.js";

/** What is above the default: the agent's deepest calls, making room in the journal inside a sample, take 472 here. */
const CREATION = { ...DEFAULT_CREATION, stackSlots: 480 };

let bundle: string;
let engine: VirtualXsEngine;

const start = (slots: number) =>
  startVirtualXs({ root: ROOT, bundle, creation: { ...CREATION, slots }, progress: () => {} });

beforeAll(async () => {
  bundle = await bundleScript("host-sim/world/xs/board.ts");
  engine = await start(CREATION.slots);
}, COMPILE_TIMEOUT);

afterAll(() => engine.close());

/** The trace's lines, to be compared before their hashes are: a difference is then seen. */
function traced(options: RunOptions) {
  const lines: string[] = [];
  const result = run(options, (text) => lines.push(...text.split("\n")));
  return { lines, result };
}

describe("boards on XS do what boards on Node do, byte for byte", () => {
  test.each<[string, Partial<RunOptions>]>([
    ["all faults", { seed: 3, devices: 4 }],
    [
      "power cuts",
      { seed: 4, devices: 3, duration: 2 * HOUR, kinds: ["power-cut", "brown-out", "sector-worn"] },
    ],
    [
      "sensors, clocks and memory",
      {
        seed: 5,
        kinds: [
          "sensor-fails",
          "sntp-silent",
          "clock-forwards",
          "clock-backwards",
          "memory-full",
          "watchdog",
        ],
      },
    ],
  ])("%s", (_, change) => {
    const options = optionsOf(change);
    const node = traced(options);
    expect(node.result.failure).toBeNull();
    const xs = traced({ ...options, engine });
    const first = xs.lines.findIndex((line, index) => line !== node.lines[index]);
    expect(xs.lines.slice(Math.max(0, first - 5), first + 1)).toEqual(
      node.lines.slice(Math.max(0, first - 5), first + 1),
    );
    expect(xs.result).toEqual(node.result);
  });
});

test("the same seed on XS, twice: the same run", () => {
  const options = optionsOf({ seed: 6, engine });
  expect(run(options)).toEqual(run(options));
});

test("a board that needs more memory than it has is the failure, by name", async () => {
  const small = await start(500);
  const { failure } = run(optionsOf({ engine: small }));
  expect(failure).toMatchObject({
    oracle: "crash",
    message: expect.stringMatching(/slots: asked for .* 500$/),
  });
  // And the engine is free for the next run.
  expect(run(optionsOf({ engine: small })).failure).toEqual(failure);
  await small.close();
});

test.each<[SabotageName, string]>([
  ["forget-boot", "equivocation"],
  ["acknowledge-early", "copies"],
  ["skip-flush", "status"],
])("sabotage of what a board is given is found on XS, as on Node: %s", (sabotage, oracle) => {
  const options = optionsOf({ sabotage, devices: 4, duration: 2 * HOUR });
  const { failure } = run({ ...options, engine });
  expect(failure?.oracle).toBe(oracle);
  expect(failure).toEqual(run(options).failure);
});

test("the command that shows it again names the engine", () => {
  expect(replayCommand(optionsOf({ engine }))).toContain(" --engine xs");
  expect(replayCommand(optionsOf())).not.toContain("--engine");
});
