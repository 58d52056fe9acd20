import { setImmediate as macrotask } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "@jest/globals";
import { hex } from "../../../agent/cose/kid.js";
import { MANNERS, PuppetDevice } from "../../../bench/hostile-device.js";
import { Judge } from "../../../network/verify/judge.js";
import type { Judgement } from "../../../network/verify/judgement.js";
import { MemoryRegistry } from "../../../network/verify/memory-registry.js";
import { hasher } from "../../../node/ports/signer.js";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
const NETWORK = "demo";
const SENSORS = [{ name: "temperature", unit: "Cel", min: -90, max: 60, cadence: 1 }];
const ORIGIN = { broker: "mqtt://broker", topic: "fieldmark/1/demo/0000000000000001/frame", received: 1 };

/** A judge that takes any signature, and devices whose keys nobody needs. */
function begin(devices: number, memory: number) {
  const registry = new MemoryRegistry(NETWORK, devices);
  const puppets = Array.from({ length: devices }, (_, number) => {
    const kid = new Uint8Array(8);
    new DataView(kid.buffer).setUint32(4, number);
    registry.add(hex(kid), new Uint8Array(65), "site", SENSORS);
    return new PuppetDevice(NETWORK, kid);
  });
  const verdicts = new Map<string, number>();
  const judged = ({ kid = "", verdict }: Judgement) => {
    const key = `${Number.parseInt(kid, 16) < HONEST ? "honest" : "hostile"} ${verdict}`;
    verdicts.set(key, (verdicts.get(key) ?? 0) + 1);
  };
  const judge = new Judge({
    registry,
    signatures: { sha256: hasher.sha256, verify: () => true },
    now: () => 1_800_000_000_000,
    uptime: () => 0,
    keep() {},
    judged,
    memory,
  });
  return { puppets, judge, verdicts };
}

const HONEST = 20;
/** Frames of hostile devices that have a verdict. */
const hostileIn = (verdicts: ReadonlyMap<string, number>) =>
  [...verdicts].reduce((sum, [key, count]) => sum + (key.startsWith("hostile") ? count : 0), 0);
const LONGEST = 5000;

describe("many hostile devices", () => {
  test("take no more in all than there is, and honest ones beside them are none the worse", () => {
    const memory = 2 << 20;
    const { puppets, judge, verdicts } = begin(HONEST + 400, memory);
    let most = 0;
    let waitedFor = 0;
    for (let round = 0; round < 25; round++)
      for (const [number, puppet] of puppets.entries()) {
        const manner = MANNERS[number % MANNERS.length] as (typeof MANNERS)[number];
        const before = hostileIn(verdicts);
        judge.receive(number < HONEST ? puppet.next() : manner(puppet, round), ORIGIN);
        if (number < HONEST) waitedFor += hostileIn(verdicts) - before;
        most = Math.max(most, judge.memory);
      }
    // Whoever takes much makes room, in its own time.
    expect(waitedFor).toBe(0);
    expect(most).toBeGreaterThan(memory - memory / 64 - LONGEST);
    expect(most).toBeLessThanOrEqual(memory);
    expect(verdicts.get("honest ok")).toBe(25 * HONEST);
    expect([...verdicts.keys()].filter((key) => key.startsWith("honest"))).toEqual(["honest ok"]);
    judge.giveUp(0);
    expect(judge.waiting).toBe(0);
  });

  test("each manner: what is counted is what it takes, or more", async () => {
    for (const manner of MANNERS) {
      const { puppets, judge } = begin(200, 1 << 30);
      const made = puppets.map((puppet) => Array.from({ length: 40 }, (_, i) => manner(puppet, i)));
      await macrotask();
      collect();
      const before = process.memoryUsage();
      const counted = judge.memory;
      for (const frames of made) for (const frame of frames) judge.receive(frame, ORIGIN);
      await macrotask();
      collect();
      const after = process.memoryUsage();
      const taken = after.heapUsed + after.external - before.heapUsed - before.external;
      // 1 MB is what V8 itself moves about meanwhile.
      expect(taken - (1 << 20)).toBeLessThanOrEqual(1.1 * (judge.memory - counted));
      expect(made).toHaveLength(200);
    }
  });
});

test("a frame that waits keeps nothing of what its broker's client had read with it", async () => {
  const { puppets, judge } = begin(50, 1 << 30);
  const reads: WeakRef<ArrayBuffer>[] = [];
  const send = (frame: Uint8Array) => {
    const read = new Uint8Array(new ArrayBuffer(65_536), 0);
    read.set(frame, 1000);
    reads.push(new WeakRef(read.buffer));
    judge.receive(read.subarray(1000, 1000 + frame.length), ORIGIN);
  };
  for (const puppet of puppets) for (let i = 0; i < 4; i++) send(puppet.frame({ sequence: 2 * i + 1 }));
  expect(judge.waiting).toBe(200);
  await macrotask();
  collect();
  await macrotask();
  collect();
  expect(reads.filter((read) => read.deref() !== undefined).length).toBeLessThanOrEqual(1);
  judge.giveUp(0);
  expect(judge.waiting).toBe(0);
});

test("what is given up goes a few at a time, if that is asked for, and in order", () => {
  const { puppets, judge, verdicts } = begin(HONEST, 1 << 30);
  for (const puppet of puppets)
    for (let i = 0; i < 10; i++) judge.receive(puppet.frame({ sequence: i + 1 }), ORIGIN);
  let calls = 1;
  while (!judge.giveUp(0, 16)) {
    expect(judge.waiting).toBeGreaterThanOrEqual(10 * HONEST - 16 * calls);
    calls++;
  }
  expect(calls).toBeGreaterThanOrEqual(12);
  expect([judge.waiting, verdicts.get("honest ok")]).toEqual([0, 10 * HONEST]);
});
