import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { InputError } from "../../../agent/input-error.js";
import type { BoardOptions, RunningBoard } from "../../../host-sim/virtual-board/board.js";
import { loadRegistry } from "../../../node/network/registry-file.js";

import { openBatchLog } from "../../../node/provision/batch-log.js";
import { register } from "../../../node/provision/registry-file.js";
import type { OperationEvent } from "../../../provision/events.js";
import { type BatchPort, type BatchSummary, batch } from "../../../provision/operations/batch.js";
import { enrolledSensors } from "../../../provision/site/ranges.js";
import { temporaryFolder } from "../../support/cli.js";
import { smallBundle } from "../support/firmware.js";
import { commissionBoard, NETWORK, plug } from "../support/plugged-board.js";

const folder = temporaryFolder();
const bundle = smallBundle({ size: 2_000 });
const PORTS = 4;
const BOARDS = 20;
/** Two that fail, differently. */
const FAULTS: Readonly<Record<number, BoardOptions["faults"]>> = {
  6: { bad: [0x20000] },
  13: { wifiRefuses: true },
};

/** Boards that come to 4 ports one after the other; the same ones each time, with or without their faults. */
function ports(withFaults: boolean): { ports: BatchPort[]; stop: () => void } {
  const queue = Array.from({ length: BOARDS }, (_, i) => i);
  const running: RunningBoard[] = [];
  const made = Array.from({ length: PORTS }, (_, port) => ({
    name: `port ${port + 1}`,
    next: async () => {
      const index = queue.shift();
      if (index === undefined) return undefined;
      const { board, wire } = plug({
        state: join(folder, `board ${index}`),
        mac: Uint8Array.of(0x34, 0x85, 0x18, 0, 0, index),
        ...(withFaults && { faults: FAULTS[index] ?? {} }),
      });
      running.push(board);
      return wire;
    },
  }));
  const stop = () => {
    for (const board of running) board.stop();
  };
  return { ports: made, stop };
}

interface Day extends BatchSummary {
  readonly events: readonly OperationEvent[];
}

async function day(log: string, withFaults: boolean): Promise<Day> {
  const registry = join(folder, "registry.json");
  const flashed = await bundle;
  const { ports: own, stop } = ports(withFaults);
  const running = batch(own, {
    log: openBatchLog(join(folder, log)),
    now: () => Date.now(),
    commission: (wire, refuseDone) =>
      commissionBoard(wire, {
        bundle: flashed,
        accept: ({ mac }) => refuseDone(mac),
        register: async ({ statement }) => {
          const sensors = enrolledSensors(statement.quantities, {});
          register(registry, NETWORK, { did: statement.did, site: "roof", sensors });
        },
      }),
  });
  const events: OperationEvent[] = [];
  for (;;) {
    const { done, value } = await running.next();
    if (done) {
      stop();
      return { ...value, events };
    }
    events.push(value.event);
  }
}

describe("a batch of 20 boards on 4 ports, two of which fail", () => {
  test("gives 18 receipts and 2 clear reports; the next day finishes the two, and touches no other", async () => {
    const first = await day("log.jsonl", true);
    expect(first.failed.map(({ mac, code }) => [mac, code]).sort()).toEqual([
      ["34:85:18:00:00:06", "verify-failed"],
      ["34:85:18:00:00:0d", "wifi-refused"],
    ]);
    expect(first.done).toHaveLength(18);
    for (const { reason } of first.failed) expect(reason).not.toBe("");

    const second = await day("log.jsonl", false);
    expect({ done: second.done.length, failed: second.failed, skipped: second.skipped }).toEqual({
      done: 2,
      failed: [],
      skipped: 18,
    });
    const left = second.events.flatMap((event) => (event.type === "done-already" ? [event] : []));
    const log = readFileSync(join(folder, "log.jsonl"), "utf8");
    expect(left).toHaveLength(18);
    for (const { id, at } of left)
      expect(log).toMatch(new RegExp(`"at":"${at}".*"mac":"${id}".*"outcome":"done"`));
    expect(new Set(left.map(({ id }) => id)).size).toBe(18);
    expect(second.events.filter(({ type }) => type === "failed")).toEqual([]);
    const devices = [...first.done, ...second.done].map(({ device }) => device);
    expect(new Set(devices).size).toBe(BOARDS);
    const registry = loadRegistry(join(folder, "registry.json"));
    expect(registry.size).toBe(BOARDS);
    for (const device of devices) expect(registry.device(device)?.site).toBe("roof");
    expect(log).not.toContain("correct-horse");
  });
});

describe("a log", () => {
  const record = (mac: string, outcome: "done" | "failed", reason = "") => ({
    at: "2026-11-22T20:00:00.000Z",
    port: "/dev/ttyUSB0",
    mac,
    chip: "esp32c3",
    device: `device of ${mac}`,
    did: "did:key:z",
    name: `name of ${mac}`,
    outcome,
    step: "",
    code: "",
    reason,
  });
  test.each(["log.csv", "other.jsonl"])("%s is continued, also after a line that was cut off", (name) => {
    const path = join(folder, name);
    const log = openBatchLog(path);
    log.add(record("a", "done"));
    log.add(record("b", "failed", 'it said "no",\nand =1+1'));
    const cut = readFileSync(path, "utf8");
    const again = openBatchLog(path);
    const at = "2026-11-22T20:00:00.000Z";
    const found = ["a", "device of a", "b", "c"].map((id) => again.doneAt(id));
    expect(found).toEqual([at, at, undefined, undefined]);
    expect(readFileSync(path, "utf8")).toBe(cut);
    again.add(record("b", "done"));
    expect(openBatchLog(path).doneAt("b")).toBe(at);
  });

  test("names are known again; a log that is older than names is continued without them", () => {
    const path = join(folder, "named.csv");
    openBatchLog(path).add(record("a", "done"));
    const named = [{ name: "name of a", ids: ["a", "device of a"], isDone: true }];
    expect(openBatchLog(path).named).toEqual(named);
    const [header = "", line = ""] = readFileSync(path, "utf8").split("\n");
    const old = join(folder, "old.csv");
    writeFileSync(old, `${header.replace("name,", "")}\n${line.replace("name of a,", "")}\n`);
    const log = openBatchLog(old);
    expect([log.doneAt("a"), log.named]).toEqual(["2026-11-22T20:00:00.000Z", []]);
    log.add(record("b", "done"));
    expect(openBatchLog(old).doneAt("b")).toBe("2026-11-22T20:00:00.000Z");
  });

  test("a file that is something else is left alone", () => {
    expect(() => openBatchLog(join(__dirname, "batch.test.ts"))).toThrow("not of a batch's log");
  });

  test.each(["null", "7", "[]", '{"mac":1}', '"text"', '{"__proto__":{}}'])(
    "JSON that is no record is told so: %s",
    (line) => {
      const path = join(folder, "no-records.jsonl");
      writeFileSync(path, `${line}\n\n`);
      expect(() => openBatchLog(path)).toThrow(InputError);
      expect(() => openBatchLog(path)).toThrow("line 1 is not of a batch's log");
    },
  );
});
