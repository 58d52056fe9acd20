import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { run, temporaryFolder } from "../support/cli.js";

const folder = temporaryFolder();
const path = (name: string) => join(folder, name);
const QUICK = ["sim", "--engine", "node", "--links", "memory", "--devices", "2", "--for", "2s", "--json"];
const { version } = JSON.parse(readFileSync(join(__dirname, "../../package.json"), "utf8"));

test("the summary says which version, network and seed it was; the seed makes the same boards again", async () => {
  const devicesOf = (name: string) =>
    JSON.parse(readFileSync(path(`${name}.registry.json`), "utf8")).devices.map(
      ({ did }: { did: string }) => did,
    );
  const first = JSON.parse((await run([...QUICK, "--out", path("first.cborseq")])).stdout);
  expect(first).toMatchObject({ version, network: expect.stringMatching(/^[a-z]{4}$/) });
  expect(first.seed).toMatch(/^[0-9a-f]{16}$/);
  const again = JSON.parse(
    (await run([...QUICK, "--seed", first.seed, "--out", path("again.cborseq")])).stdout,
  );
  expect(again).toMatchObject({ seed: first.seed, network: first.network });
  expect(devicesOf("again")).toEqual(devicesOf("first"));
  const kept = JSON.parse((await run([...QUICK, "--state", path("state"), "--network", "mine"])).stdout);
  expect(kept).toMatchObject({ seed: null, network: "mine" });
});

test("gates that hold: 0, and JUnit without a failure", async () => {
  const { code } = await run([
    ...QUICK,
    ...["--min-frames", "2", "--max-p99", "60s", "--junit", path("fine.xml")],
  ]);
  expect(code).toBe(0);
  const xml = readFileSync(path("fine.xml"), "utf8");
  expect(xml).toContain('tests="6" failures="0"');
  expect(xml).not.toContain("<failure");
});

test.each([
  ["--min-frames", "100000", /not fine: \d+ frames verified, and --min-frames wants 100000/],
  ["--max-p99", "0.0001", /not fine: p99 is [\d.]+ ms, and --max-p99 allows 0.0001/],
] as const)("%s %s fails: 1, which gate it was, and all that CI keeps", async (option, value, says) => {
  const artifacts = path(`failed${option}`);
  const { code, stdout, stderr } = await run([...QUICK, option, value, "--artifacts", artifacts]);
  expect(stderr).toMatch(says);
  expect(code).toBe(1);
  const summary = JSON.parse(readFileSync(join(artifacts, "summary.json"), "utf8"));
  expect(summary).toEqual({ ...JSON.parse(stdout), failed: [expect.stringContaining(option)] });
  expect(readFileSync(join(artifacts, "junit.xml"), "utf8")).toMatch(
    new RegExp(`failures="1"[^]*<testcase classname="fieldmark.sim" name="${option} ${value}"><failure`),
  );
  expect(readFileSync(join(artifacts, "seed.txt"), "utf8")).toBe(`${summary.seed}\n`);
  expect(readFileSync(join(artifacts, "sim.log"), "utf8")).toMatch(says);
  const frames = await run(["verify", join(artifacts, "frames.cborseq")]);
  expect(frames.stderr).toContain(`${summary.frames.verified} frames: ${summary.frames.verified} ok`);
});

test("a run that never begins leaves as much", async () => {
  const artifacts = path("never");
  const { code } = await run([
    ...["sim", "--engine", "node", "--broker", "mqtt://127.0.0.1:1", "--for", "1s"],
    ...["--artifacts", artifacts],
  ]);
  expect(code).toBe(1);
  const summary = JSON.parse(readFileSync(join(artifacts, "summary.json"), "utf8"));
  expect(summary).toMatchObject({ version, failed: [expect.stringContaining("no broker can be reached")] });
  expect(readFileSync(join(artifacts, "junit.xml"), "utf8")).toContain('failures="1"');
  expect(existsSync(join(artifacts, "seed.txt"))).toBe(true);
  expect(readFileSync(join(artifacts, "sim.log"), "utf8")).toContain("no broker can be reached");
});

test.each([
  [["--copies", "4"], "--copies 4: there are 3 brokers"],
  [["--brokers", "1", "--copies", "2"], "--copies 2: there is 1 broker"],
  [["--broker", "mqtt://127.0.0.1:1", "--copies", "2"], "--copies 2: there is 1 broker"],
  [["--copies", "0"], "whole number from 1 to 30"],
  [["--min-frames", "none"], "whole number from 1"],
  [["--max-p99", "fast"], "A duration looks like"],
  [["--virtual", "--min-frames", "5"], "sim --virtual is a verb of its own now: fieldmark world"],
])("%j is refused", async (words, says) => {
  const { code, stdout, stderr } = await run(["sim", "--engine", "node", "--for", "1s", ...words]);
  expect(stderr).toContain(says);
  expect(stdout).toBe("");
  expect(code).toBe(2);
});
