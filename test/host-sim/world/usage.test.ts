import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { usualFaults } from "../../../host-sim/world/faults/kinds.js";
import { jsonLines, run, temporaryFolder } from "../../support/cli.js";

const WORLD = ["world"];

test.each([
  ["an option of real time", [...WORLD, "--broker", "mqtt://localhost"], /unknown option '--broker'/],
  [
    "what it was called",
    ["sim", "--virtual", "--seed", "7", "--faults", "none"],
    /sim --virtual is a verb of its own now: fieldmark world --seed 7 --faults none/,
  ],
  ["an unknown fault", [...WORLD, "--faults", "freeze,flood"], /no fault "flood"/],
  [
    "an unknown sabotage",
    [...WORLD, "--sabotage", "all"],
    /--sabotage: there is no "all"; there are skip-flush/,
  ],
  ["a seed that is no number", [...WORLD, "--seed", "x7"], /--seed .*whole number/],
  ["two searches", [...WORLD, "--swarm", "5s", "--until-failure"], /give one of them/],
  ["a trace of many runs", [...WORLD, "--swarm", "5s", "--trace", "t"], /--trace belongs to one run/],
  ["a board that is not there", [...WORLD, "--devices", "2", "--boards", "0,2"], /no board 2 of 2/],
  ["numbers that are none", [...WORLD, "--only", "1,a"], /whole numbers with commas/],
  ["witnesses of boards on XS", [...WORLD, "--keep", "witnesses", "--engine", "xs"], /no witnesses here/],
  ["too short a run", [...WORLD, "--for", "5s"], /--for: at least 1m/],
  ["a plan that is missing", [...WORLD, "--plan", "no-such-file"], /no-such-file/],
])("%s is bad usage", async (_, args, message) => {
  const { code, stdout, stderr } = await run(args);
  expect(stderr).toMatch(message);
  expect(stdout).toBe("");
  expect(code).toBe(2);
});

test("faults and sabotages are listed by name", async () => {
  const { code, stdout } = await run([...WORLD, "--faults", "list"]);
  expect(code).toBe(0);
  expect(stdout.split("\n").map((line) => line.split(" ")[0])).toEqual([...usualFaults("witnesses"), ""]);
  const sabotages = await run([...WORLD, "--sabotage", "list"]);
  expect(sabotages.stdout).toMatch(/^skip-flush +a frame is sent before the flash has it$/m);
});

test("a plan from a file, and its trace in one", async () => {
  const folder = temporaryFolder();
  const [plan, trace] = [join(folder, "plan.json"), join(folder, "trace.txt")];
  const fault = { at: 600_000, for: 1000, kind: "watchdog", whom: "board-1", how: { off: 20 } };
  writeFileSync(plan, JSON.stringify([fault]));
  const args = [...WORLD, "--devices", "2", "--for", "20m", "--plan", plan, "--trace", trace];
  const { code, stdout } = await run(args);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^faults {2}1 watchdog$/m);
  expect(readFileSync(trace, "utf8")).toContain("600000 board-1 off: watchdog\n");
  writeFileSync(plan, JSON.stringify([fault, { ...fault, whom: "nobody" }]));
  const refused = await run(args);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toMatch(/--plan: .*: 1.whom: nobody's name/);
});

test("a failure has exit code 1, a message, and a command that shows it again", async () => {
  const args = [...WORLD, "--devices", "3", "--for", "1h", "--sabotage", "no-memory"];
  const { code, stdout, stderr } = await run([...args, "--json"]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^fieldmark: delivered: frame .* is kept twice/m);
  const [summary] = jsonLines(stdout);
  const failure = summary?.failure as { oracle: string; board: string; at: number; replay: string };
  expect(failure).toMatchObject({ oracle: "delivered", board: expect.stringMatching(/^board-/) });
  expect(failure.at).toBeLessThan(3600);
  const again = await run([...failure.replay.split(" ").slice(1), "--no-shrink"]);
  expect(again.code).toBe(1);
  expect(again.stdout).toContain(failure.replay);
});

test("a swarm ends in time and says what it did; progress goes to standard error", async () => {
  const { code, stdout } = await run([...WORLD, "--swarm", "3s", "--seed", "77", "--json"]);
  expect(code).toBe(0);
  const [summary] = jsonLines(stdout);
  expect(summary).toMatchObject({ seed: 77, failure: null });
  expect(summary?.runs).toBeGreaterThan(0);
});
