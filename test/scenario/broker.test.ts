import { execFile } from "node:child_process";
import { lstatSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { jsonLines, type Running, run, start, temporaryFolder } from "../support/cli.js";
import { type Mosquitto, startMosquitto } from "../support/mosquitto.js";

const folder = temporaryFolder();
/** More frames, while a broker is away, than a board of little memory keeps. */
const FAST = ["--engine", "node", "--devices", "20", "--interval", "100ms", "--readings", "4"];
let brokers: Mosquitto[] = [];
const urls = () => brokers.flatMap(({ url }) => ["--broker", url]);

afterEach(async () => {
  await Promise.all(brokers.map((broker) => broker.stop()));
});

async function useBrokers(count: number): Promise<void> {
  brokers = await Promise.all(Array.from({ length: count }, () => startMosquitto()));
}

/** Waits until the first broker has the verifier and all boards of FAST, and a second longer. */
async function allConnected(): Promise<void> {
  while ((brokers[0]?.log().match(/New client connected/g) ?? []).length < 21) await sleep(50);
  await sleep(1000);
}

/** Ends a site when its boards had time to sign frames that go nowhere. */
async function endSoon(site: Running): Promise<void> {
  await sleep(1500);
  site.process.kill("SIGINT");
}

function emptyRegistry(): string {
  const path = join(folder, "none.registry.json");
  writeFileSync(path, '{"network":"demo","devices":[]}');
  return path;
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
    const site = start(["sim", ...FAST, ...urls(), "--drain", "1s", "--json"]);
    await allConnected();
    await brokers[0]?.kill("SIGKILL");
    await endSoon(site);
    const { code, stdout, stderr } = await site.finished;
    const { signed, verified, lost } = JSON.parse(stdout).frames;
    expect(lost).toBeGreaterThan(0);
    expect(lost).toBe(signed - verified);
    expect(stderr).toContain(`${lost} frames lost`);
    expect(code).toBe(1);
  });

  test("frozen at the end: a summary all the same", async () => {
    const site = start(["sim", ...FAST, ...urls(), "--drain", "1s", "--json"]);
    await allConnected();
    await brokers[0]?.kill("SIGSTOP");
    await endSoon(site);
    const { code, stdout } = await site.finished;
    expect(JSON.parse(stdout).frames.lost).toBeGreaterThan(0);
    expect(code).toBe(1);
  });

  test("frozen: a verifier ends at Ctrl-C", async () => {
    const verifier = start(["verify", ...urls(), "--registry", emptyRegistry()]);
    await verifier.said("subscribed");
    await brokers[0]?.kill("SIGSTOP");
    verifier.process.kill("SIGINT");
    expect((await verifier.finished).code).toBe(0);
  });

  test("given by two names: two sessions that live side by side", async () => {
    const twice = [...urls(), "--broker", `mqtt://localhost:${brokers[0]?.port}`];
    const site = await run(["sim", ...FAST, ...twice, "--for", "2s", "--json"]);
    expectNothingLost(site);
    expect(site.stderr).not.toContain("lost");
    const log = brokers[0]?.log() ?? "";
    expect(log).not.toContain("session taken over");

    const { stderr, code } = await run([
      ...["verify", ...twice, "--registry", emptyRegistry()],
      ...["--out", join(folder, "twice.cborseq"), "--for", "2s"],
    ]);
    expect(stderr.match(/: subscribed/g)).toHaveLength(2);
    expect(stderr).not.toContain("lost");
    expect(code).toBe(0);
  });

  test("two verifiers for one file: the second is told who has it", async () => {
    const verify = [
      ...["verify", ...urls(), "--registry", emptyRegistry()],
      ...["--out", join(folder, "shared.cborseq")],
    ];
    const first = start(verify);
    await first.said("subscribed");
    const second = await run([...verify, "--for", "1s"]);
    expect(second.stderr).toContain(`process ${first.process.pid} writes this file`);
    expect(second.code).toBe(2);
    const sim = await run(["sim", ...FAST, "--for", "1s", "--out", join(folder, "shared.cborseq")]);
    expect(sim.stderr).toContain(`process ${first.process.pid} writes this file`);
    expect(sim.code).toBe(2);
    first.process.kill("SIGINT");
    expect((await first.finished).code).toBe(0);
    expect((await run([...verify, "--for", "1s"])).code).toBe(0);
  });
});

describe("nothing checked is not fine", () => {
  const verify = (url: string) => ["verify", "--broker", url, "--registry", emptyRegistry(), "--for", "1s"];
  const CLOSED = "mqtt://127.0.0.1:1";

  test("a broker that is not there", async () => {
    const { stderr, code } = await run(verify(CLOSED));
    expect(stderr).toMatch(/no broker could be reached \(.*ECONNREFUSED/);
    expect(code).toBe(1);
  });

  test("a broker that wants another password", async () => {
    brokers = [await startMosquitto({ config: { allow_anonymous: false } })];
    const { stderr, code } = await run(verify(urls()[1] as string));
    expect(stderr).toMatch(/no broker could be reached \(.*Not authorized/);
    expect(code).toBe(1);
    const sim = await run(["sim", ...urls(), "--for", "1s"]);
    expect(sim.stderr).toMatch(/no broker can be reached \(.*Not authorized/);
    expect(sim.code).toBe(1);
  });

  test("an empty input", async () => {
    const { stderr, code } = await run(["verify", "-", "--registry", emptyRegistry()]);
    expect(stderr).toContain("no frames");
    expect(code).toBe(1);
  });
});

test("what a run before left in journals, with gaps, is no fault of the boards", async () => {
  await useBrokers(2);
  const sim = [...FAST, ...urls(), "--state", join(folder, "left"), "--network", "left", "--json"];
  const before = start(["sim", ...sim]);
  await allConnected();
  // While it is away frames wait for it, and newer ones are done with before them.
  await brokers[1]?.kill("SIGKILL");
  await sleep(600);
  await brokers[1]?.restart();
  await sleep(400);
  before.process.kill("SIGINT");
  await before.finished;
  expectNothingLost(await run(["sim", ...sim, "--for", "2s"]));
});

describe("sim --out", () => {
  const sim = (out: string) => ["sim", "--broker", "mqtt://127.0.0.1:1", "--for", "1s", "--out", out];

  test("refuses a device, at once, and leaves it", async () => {
    const out = join(folder, "null.cborseq");
    symlinkSync("/dev/null", out);
    const { stderr, code } = await run(sim(out));
    expect(stderr).toContain(`${out} is there already, and is no regular file`);
    expect(stderr).not.toContain("broker");
    expect(code).toBe(2);
    expect(lstatSync(out).isSymbolicLink()).toBe(true);
  });

  test("empties the file that a link leads to, and leaves the link", async () => {
    const [link, file] = [join(folder, "link.cborseq"), join(folder, "file.cborseq")];
    writeFileSync(file, "what was here before");
    symlinkSync(file, link);
    await run(sim(link));
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(readFileSync(file, "utf8")).toBe("");
  });

  test("that cannot grow: said once, with the file's name", async () => {
    const out = join(folder, "full.cborseq");
    // In blocks of 512 bytes. The registry needs eight.
    const script = `ulimit -f 12; exec "$0" "$@" --engine node --devices 2 --interval 50ms --for 10s --drain 2s --json --out ${out}`;
    const program = join(__dirname, "../../dist/fieldmark.js");
    const { stderr, failed } = await new Promise<{ stderr: string; failed: boolean }>((resolve) => {
      execFile("sh", ["-c", script, process.execPath, program, "sim"], (error, _stdout, stderr) =>
        resolve({ stderr, failed: error !== null }),
      );
    });
    expect(failed).toBe(true);
    // As an event, and as the reason of the exit code.
    expect(stderr.split("\n").filter((line) => line.includes(`${out}: EFBIG`))).toHaveLength(2);
    expect(stderr.split("\n").filter((line) => line.includes("EFBIG"))).toHaveLength(2);
  });
});

describe("a verifier of its own", () => {
  beforeEach(() => useBrokers(2));

  test("killed and started again, it has every frame once", async () => {
    const state = ["--state", join(folder, "state"), "--network", "torn"];
    const sim = (out: string, ...args: string[]) =>
      start(["sim", ...FAST, ...urls(), ...state, "--json", "--out", join(folder, out), ...args]);
    // The first run only makes the boards and their registry. One frame a board at most: of several
    // that wait in a journal some may be acknowledged, and then the file of the next run has gaps.
    await sim("enrol.cborseq", "--for", "10ms").finished;
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
