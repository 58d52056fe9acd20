import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { jsonLines, run, start, temporaryFolder } from "../support/cli.js";
import { type Mosquitto, startMosquitto } from "../support/mosquitto.js";

const folder = temporaryFolder();
const FAST = ["--devices", "20", "--interval", "100ms", "--readings", "4"];
let brokers: Mosquitto[] = [];
const urls = () => brokers.flatMap(({ url }) => ["--broker", url]);

afterEach(async () => {
  await Promise.all(brokers.map((broker) => broker.stop()));
});

async function useBrokers(count: number): Promise<void> {
  brokers = await Promise.all(Array.from({ length: count }, () => startMosquitto()));
}

function expectNothingLost({ code, stdout }: { code: number | null; stdout: string }): void {
  const { signed, acknowledged, verified, lost, rejected } = JSON.parse(stdout).frames;
  expect(signed).toBeGreaterThan(0);
  expect({ acknowledged, verified, lost, rejected, code }).toEqual({
    acknowledged: signed,
    verified: signed,
    lost: 0,
    rejected: {},
    code: 0,
  });
}

describe("three brokers, at full load", () => {
  beforeEach(() => useBrokers(3));

  test("one killed and started again: nothing lost", async () => {
    const site = start(["sim", ...FAST, ...urls(), "--for", "6s", "--json"]);
    await sleep(2000);
    await brokers[0]?.kill("SIGKILL");
    await sleep(1500);
    await brokers[0]?.restart();
    expectNothingLost(await site.finished);
  });

  test("each killed in turn: nothing lost", async () => {
    const site = start(["sim", ...FAST, ...urls(), "--for", "7s", "--json"]);
    await sleep(1500);
    for (const broker of brokers) {
      await broker.kill("SIGKILL");
      await sleep(700);
      await broker.restart();
      await sleep(700);
    }
    expectNothingLost(await site.finished);
  });

  test("one frozen for longer than the boards' patience: nothing lost", async () => {
    const site = start(["sim", ...FAST, ...urls(), "--for", "7s", "--json"]);
    await sleep(1500);
    await brokers[1]?.kill("SIGSTOP");
    await sleep(4500);
    await brokers[1]?.kill("SIGCONT");
    expectNothingLost(await site.finished);
  });
});

describe("a single broker that keeps nothing", () => {
  beforeEach(() => useBrokers(1));

  test("killed and started again: boards hold their frames until someone listens again", async () => {
    const site = start(["sim", ...FAST, ...urls(), "--for", "6s", "--json"]);
    await sleep(2000);
    await brokers[0]?.kill("SIGKILL");
    await sleep(500);
    await brokers[0]?.restart();
    expectNothingLost(await site.finished);
  });

  test("down at the end: says what was lost, and exits with 1", async () => {
    const site = start(["sim", ...FAST, ...urls(), "--for", "3s", "--drain", "1s", "--json"]);
    await sleep(1800);
    await brokers[0]?.kill("SIGKILL");
    const { code, stdout, stderr } = await site.finished;
    const { signed, verified, lost } = JSON.parse(stdout).frames;
    expect(lost).toBeGreaterThan(0);
    expect(lost).toBe(signed - verified);
    expect(stderr).toContain(`${lost} frames lost`);
    expect(code).toBe(1);
  });
});

describe("a verifier of its own", () => {
  beforeEach(() => useBrokers(2));

  test("killed and started again, it has every frame once", async () => {
    const state = ["--state", join(folder, "state"), "--network", "torn"];
    const sim = (out: string, ...args: string[]) =>
      start(["sim", ...FAST, ...urls(), ...state, "--json", "--out", join(folder, out), ...args]);
    // The first run only makes the boards and their registry.
    await sim("enrol.cborseq", "--for", "1s").finished;
    const kept = join(folder, "kept.cborseq");
    const verify = ["verify", ...urls(), "--registry", join(folder, "enrol.registry.json"), "--out", kept];
    const verifier = async () => {
      const running = start(verify);
      for (const { url } of brokers) await running.said(`${url}: subscribed`);
      return running;
    };
    let running = await verifier();
    const site = sim("site.cborseq", "--for", "7s");
    for (let round = 0; round < 3; round++) {
      await sleep(1500);
      running.process.kill("SIGKILL");
      await running.finished;
      await sleep(300);
      running = await verifier();
    }
    expectNothingLost(await site.finished);
    await sleep(500);
    running.process.kill("SIGINT");
    expect((await running.finished).code).toBe(0);
    const judge = async (file: string) => {
      const { stdout, code } = await run(["verify", file, "--registry", join(folder, "enrol.registry.json")]);
      expect(code).toBe(0);
      return jsonLines(stdout).map(({ device, boot, sequence, readings }) =>
        JSON.stringify({ device, boot, sequence, readings }),
      );
    };
    const expected = await judge(join(folder, "site.cborseq"));
    expect((await judge(kept)).sort()).toEqual(expected.sort());
    expect(readFileSync(kept).length).toBe(readFileSync(join(folder, "site.cborseq")).length);
  });
});
