import { describe, expect, test } from "@jest/globals";
import { FAULT_NAMES, type FaultKindName } from "../../../host-sim/world/faults/kinds.js";
import type { Fault } from "../../../host-sim/world/plan.js";
import { run } from "../../../host-sim/world/run.js";
import { MINUTE, optionsOf } from "./options.js";

/** One fault, to whom, how, and a line of the trace that would not be there without it. */
type Case = readonly [kind: FaultKindName, whom: string, how: Fault["how"], effect: RegExp];

const CASES: readonly Case[] = [
  [
    "latency",
    "board-0/*",
    { direction: "both", delay: 9000, jitter: 0 },
    /no answer to the connection|no ack/,
  ],
  ["bandwidth", "board-0/*", { direction: "up", rate: 20 }, /no acknowledgement/],
  ["timeout", "board-0/*", { direction: "down", delay: 2500 }, /"reason":"timeout"/],
  ["reset_peer", "board-0/broker-0", { direction: "both", delay: 100 }, /reset by peer/],
  ["slow_close", "board-0/*", { direction: "both", delay: 30_000 }, /fault 0: slow_close/],
  ["slicer", "board-0/*", { direction: "up", rate: 1, delay: 100 }, /no acknowledgement/],
  ["limit_data", "board-0/*", { direction: "up", rate: 500 }, /"reason":"limit_data"/],
  ["partition", "board-0/*", {}, /"reason":"no acknowledgement"/],
  ["freeze", "broker-0", {}, /"link":"broker-0","reason":"no acknowledgement"/],
  ["broker-killed", "broker-0", {}, /"link":"broker-0","reason":"killed"/],
  ["session-lost", "broker-0", { lag: 60_000, alone: 0 }, /"link":"broker-0","reason":"killed"/],
  ["store-lost", "broker-0", { lag: 60_000, alone: 1 }, /"link":"broker-1","reason":"no acknowledgement"/],
  ["duplicate", "broker-0", {}, /verifier says duplicate/],
  ["reorder", "broker-0", {}, /fault 0: reorder/],
  ["ack-lost", "broker-0", {}, /"link":"broker-0","reason":"no acknowledgement"/],
  ["mute", "broker-0", {}, /"link":"broker-0","reason":"no acknowledgement"/],
  ["refuse", "broker-0", {}, /"link":"broker-0","reason":"publication refused: quota exceeded/],
  [
    "power-cut",
    "board-0",
    { where: "flash", operation: 1, place: "inside", off: 100 },
    /off: in an? (program|erase)/,
  ],
  ["radio-lost", "board-0", {}, /"reason":"no acknowledgement"/],
  ["brown-out", "board-0", { times: 4, salt: 7, off: 50 }, /boot [3-9]/],
  ["watchdog", "board-0", { off: 50 }, /off: watchdog/],
  ["clock-forwards", "board-0", { by: 7_200_000 }, /says future/],
  ["clock-backwards", "board-0", { by: -7_200_000 }, /fault 0: clock-backwards/],
  ["sntp-silent", "board-0", { off: 50 }, /no time comes back/],
  ["sensor-fails", "board-0", {}, /sensor-failed/],
  ["sensor-sticks", "board-0", {}, /fault 0: sensor-sticks/],
  ["sector-worn", "board-1", { sector: 1 }, /fault 0: sector-worn/],
  ["memory-full", "board-0", {}, /storage-failed.*memory full/],
  ["verifier-killed", "verifier", {}, /fault 0: verifier-killed/],
  ["disk-full", "verifier", {}, /fault 0: disk-full/],
  ["verifier-clock", "verifier", { by: -7_200_000 }, /says future/],
];

const AT = 10 * MINUTE;
const FOR = 12 * MINUTE;

describe("each fault alone does what it is called, and nothing is lost", () => {
  test("all are here", () => {
    expect(CASES.map(([kind]) => kind).sort()).toEqual([...FAULT_NAMES].sort());
  });

  test.each(CASES)("%s of %s", (kind, whom, how, effect) => {
    let text = "";
    const plan: Fault[] = [{ at: AT, for: FOR, kind, whom, how }];
    const options = optionsOf({ duration: 30 * MINUTE, plan });
    const result = run(options, (lines) => {
      text += lines;
    });
    expect(result.failure).toBeNull();
    expect(result.faults).toEqual({ [kind]: 1 });
    expect(text.split("\n").filter((line) => effect.test(line))).not.toEqual([]);
    expect(result.trace).not.toBe(run({ ...options, plan: [] }).trace);
  });
});

test("all faults at once, some seeds, small journals among them", () => {
  const results = [21, 22, 23, 24].map((seed) =>
    run(optionsOf({ seed, devices: 4, duration: 180 * MINUTE })),
  );
  expect(results.map(({ failure }) => failure)).toEqual([null, null, null, null]);
  for (const { frames, cuts } of results) {
    expect(frames.verified + frames.dropped).toBeGreaterThanOrEqual(frames.signed);
    expect(cuts).toBeGreaterThan(3);
  }
});

/** A cut inside of a program: what was written half can be read once, and then no more, though a broker has it by then. */
test("a frame that can no longer be read leaves with the brokers that have it", () => {
  const trace: string[] = [];
  const kinds =
    "latency reset_peer slow_close slicer limit_data partition broker-killed store-lost duplicate reorder ack-lost power-cut clock-forwards disk-full verifier-clock";
  const options = optionsOf({
    seed: 29_031,
    devices: 4,
    duration: 300 * MINUTE,
    kinds: kinds.split(" ") as FaultKindName[],
  });
  const { failure } = run(options, (text) => trace.push(text));
  expect(trace.join("")).toContain("a frame can no longer be read");
  expect(failure).toBeNull();
});
