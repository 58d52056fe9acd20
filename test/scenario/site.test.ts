import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { jsonLines, run, start, temporaryFolder } from "../support/cli.js";
import { readIndependently } from "../support/independent-reader.js";

const folder = temporaryFolder();

/** What `sim --json` promises in the README. */
function summaryOf(stdout: string) {
  return JSON.parse(stdout) as {
    devices: number;
    brokers: number;
    engine: string;
    started_ms: number;
    seconds: number;
    ended: Record<string, number>;
    frames: Record<"signed" | "acknowledged" | "verified" | "duplicate" | "lost", number> & {
      rejected: Record<string, number>;
    };
    readings: Record<"sampled" | "verified", number>;
    latency_ms: Record<"p50" | "p99", number>;
  };
}

describe.each(["host", "replay"])("a site of 25 boards and 3 brokers, %s sensors", (sensors) => {
  const file = join(folder, `${sensors}.cborseq`);
  const registry = () => JSON.parse(readFileSync(file.replace(".cborseq", ".registry.json"), "utf8"));

  test("loses and rejects nothing", async () => {
    const args = ["--devices", "25", "--brokers", "3", "--for", "7s", "--sensors", sensors];
    const { code, stdout } = await run(["sim", ...args, "--json", "--out", file]);
    const summary = summaryOf(stdout);
    expect(Object.keys(summary)).toEqual([
      "version",
      "seed",
      "network",
      "devices",
      "brokers",
      "engine",
      "started_ms",
      "seconds",
      "ended",
      "troubles",
      "frames",
      "readings",
      "latency_ms",
    ]);
    expect(summary).toMatchObject({ devices: 25, brokers: 3, engine: "xs", ended: {} });
    const { signed, acknowledged, verified, lost, rejected } = summary.frames;
    expect(signed).toBeGreaterThanOrEqual(25);
    expect({ acknowledged, verified, lost, rejected }).toEqual({
      acknowledged: signed,
      verified: signed,
      lost: 0,
      rejected: {},
    });
    expect(summary.readings.verified).toBe(summary.readings.sampled);
    expect(summary.latency_ms.p50).toBeLessThanOrEqual(summary.latency_ms.p99);
    expect(code).toBe(0);
  });

  test("verify accepts its file, and agrees with an independent reader value by value", async () => {
    const { code, stdout, stderr } = await run(["verify", file]);
    expect(code).toBe(0);
    const judged = jsonLines(stdout).map(({ device, boot, sequence, time, readings }) => ({
      did: device,
      boot,
      sequence,
      time,
      readings,
    }));
    const read = readIndependently(readFileSync(file), registry());
    expect(stderr).toContain(`${read.length} frames: ${read.length} ok; 25 devices`);
    const order = (frames: typeof judged) => frames.map((frame) => JSON.stringify(frame)).sort();
    expect(order(judged)).toEqual(order(read));
  });

  test("a further reading takes at most 24 bytes, and a frame without them at most 168", async () => {
    const { stdout } = await run(["inspect", file, "--json", "--limit", "1000000"]);
    for (const { lines } of jsonLines(stdout) as unknown as {
      lines: { offset: number; meaning: string }[];
    }[]) {
      const starts = lines.filter(({ meaning }) => /^(record \d+ of|signature$)/.test(meaning));
      const sizes = starts.slice(1).map(({ offset }, at) => offset - (starts[at]?.offset as number));
      expect(sizes.length).toBeGreaterThan(0);
      const [first, ...further] = sizes as [number, ...number[]];
      expect(Math.max(0, ...further)).toBeLessThanOrEqual(24);
      const length = lines.at(-1)?.offset as number;
      expect(length - sizes.reduce((sum, size) => sum + size) + first).toBeLessThanOrEqual(168);
    }
  });

  test("the independent reader can say no", () => {
    const bytes = readFileSync(file);
    const flipped = Uint8Array.from(bytes);
    flipped[flipped.length - 1] = (flipped[flipped.length - 1] as number) ^ 1;
    expect(() => readIndependently(flipped, registry())).toThrow("bad signature");
    expect(() => readIndependently(bytes, { devices: [] })).toThrow("not enrolled");
  });
});

describe("a damaged file", () => {
  const file = join(folder, "host.cborseq");
  const registry = join(folder, "host.registry.json");
  const verifyBytes = async (bytes: Uint8Array) => {
    const { code, stdout } = await run(["verify", "-", "--registry", registry], { input: bytes });
    return { code, verdicts: jsonLines(stdout).map(({ verdict }) => verdict) };
  };

  test("a flipped bit in a reading is a bad signature, and the frame after it breaks the chain", async () => {
    const bytes = readFileSync(file);
    const frames = readIndependently(bytes, JSON.parse(readFileSync(registry, "utf8")));
    // The first board's second frame: one frame comes before it, and one after.
    const own = frames.findIndex(({ did, sequence }) => did === frames[0]?.did && sequence === 1);
    let at = -1;
    for (let i = 0; i <= own; i++) at = bytes.indexOf("memory", at + 1);
    bytes[at] = (bytes[at] as number) ^ 1;
    const { code, verdicts } = await verifyBytes(bytes);
    expect(code).toBe(1);
    expect(verdicts).toHaveLength(frames.length);
    expect(new Set(verdicts)).toEqual(new Set(["ok", "bad-signature", "broken-chain"]));
    expect(verdicts.filter((verdict) => verdict !== "ok")).toHaveLength(2);
  });

  test("a file cut short has one malformed end, and the rest is fine", async () => {
    const bytes = readFileSync(file);
    const { code, verdicts } = await verifyBytes(bytes.subarray(0, bytes.length - 10));
    expect(code).toBe(1);
    expect(verdicts.filter((verdict) => verdict !== "ok")).toEqual(["malformed"]);
  });

  test("frames that stand twice are duplicates, which is fine", async () => {
    const bytes = readFileSync(file);
    const { code, verdicts } = await verifyBytes(Buffer.concat([bytes, bytes]));
    expect(code).toBe(0);
    expect(verdicts.filter((verdict) => verdict === "duplicate")).toHaveLength(verdicts.length / 2);
  });

  test("another network's and an unknown device's frames are named as such", async () => {
    const enrolled = JSON.parse(readFileSync(registry, "utf8"));
    const other = join(folder, "other.json");
    writeFileSync(other, JSON.stringify({ ...enrolled, network: "elsewhere" }));
    const wrong = await run(["verify", file, "--registry", other]);
    expect(new Set(jsonLines(wrong.stdout).map(({ verdict }) => verdict))).toEqual(
      new Set(["wrong-network"]),
    );
    writeFileSync(other, JSON.stringify({ ...enrolled, devices: enrolled.devices.slice(1) }));
    const unknown = await run(["verify", file, "--registry", other]);
    expect(new Set(jsonLines(unknown.stdout).map(({ verdict }) => verdict))).toEqual(
      new Set(["ok", "unknown-device"]),
    );
    expect([wrong.code, unknown.code]).toEqual([1, 1]);
  });
});

test.each([
  { interval: "200ms", least: 5, most: 8, sends: "frames of two samples or more" },
  { interval: "2s", least: 3, most: 3, sends: "each sample in a frame of its own" },
])("boards that sample every $interval: $sends", async ({ interval, least, most }) => {
  const { stdout } = await run(
    `sim --devices 2 --sensors replay --links memory --interval ${interval} --for 5s --json`.split(" "),
  );
  const { frames, readings } = summaryOf(stdout);
  expect(frames.lost).toBe(0);
  const each = readings.sampled / frames.signed; // the last frame of a board has what there is at the end
  expect([each >= least, each <= most]).toEqual([true, true]);
});

describe("Ctrl-C", () => {
  // At the start, between samples, and with frames under way.
  test.each([0, 700, 2100])("%i ms after the start loses nothing and prints the summary", async (after) => {
    const site = start(["sim", "--devices", "10", "--interval", "100ms"]);
    await site.said("network ");
    await new Promise((resolve) => setTimeout(resolve, after));
    site.process.kill("SIGINT");
    const { code, stdout } = await site.finished;
    const [, signed, verified] = /signed (\d+), acknowledged \d+, verified (\d+), lost 0,/.exec(stdout) ?? [];
    expect(stdout).toContain("rejected 0");
    expect(verified).toBe(signed);
    expect(code).toBe(0);
  });
});

test("boards keep their names, chains and boot counters in a state folder", async () => {
  const state = join(folder, "state");
  const sim = (out: string) =>
    run([
      "sim",
      "--devices",
      "2",
      "--for",
      "3s",
      "--state",
      state,
      "--network",
      "kept",
      "--json",
      "--out",
      out,
    ]);
  const first = join(folder, "first.cborseq");
  const second = join(folder, "second.cborseq");
  await sim(first);
  await sim(second);
  const both = Buffer.concat([readFileSync(first), readFileSync(second)]);
  const registry = JSON.parse(readFileSync(join(folder, "second.registry.json"), "utf8"));
  const frames = readIndependently(both, registry);
  expect(new Set(frames.map(({ boot }) => boot))).toEqual(new Set([1, 2]));
  const { code } = await run(["verify", "-", "--registry", join(folder, "first.registry.json")], {
    input: both,
  });
  expect(code).toBe(0);
});
