import { beforeEach, describe, expect, test } from "@jest/globals";
import { hex } from "../../../agent/cose/kid.js";
import { type Frame, parseFrame } from "../../../agent/frame/parse.js";
import { createRegistry, type Registry } from "../../../network/verify/registry.js";
import { type Alarm, Vigil } from "../../../network/verify/vigil.js";
import { keyReader } from "../../../node/ports/signer.js";
import { makeFrame, TEST_NETWORK, testKid } from "../../support/frames.js";
import { TEST_REGISTRY } from "../../support/judge-harness.js";

const BROKER = "mqtt://broker";
const KID = hex(testKid);
const UNIX = 1795000000;
const parsed = parseFrame(makeFrame());
if ("failure" in parsed) throw new Error(parsed.failure.detail);
const TEMPLATE: Frame = parsed.frame;

/** The test device is enrolled for a reading each `cadence` seconds. */
function registryOf(cadence: number): Registry {
  const devices = TEST_REGISTRY.devices.map((device) => ({
    ...device,
    sensors: device.sensors.map((sensor) => ({ ...sensor, cadence })),
  }));
  return createRegistry({ network: TEST_NETWORK, devices }, keyReader, "registry");
}

let told: Alarm[];
let vigil: Vigil;
beforeEach(() => {
  told = [];
  vigil = new Vigil(registryOf(60), (alarm) => told.push(alarm));
});

/** Looks each second from `from` to `to`. */
function wait(from: number, to: number): void {
  for (let now = from; now <= to; now++) vigil.look(now);
}
/** A frame of the uptime `at`, dated so; it comes at `at`, where nothing else is said. */
function frame(at: number, time = UNIX + at, now = at): void {
  vigil.frame({ ...TEMPLATE, uptime: at, time }, now, UNIX + now);
}

describe("a board that falls silent", () => {
  test("is told after five cadences, once, and again when it is back", () => {
    vigil.broker(BROKER, true, "", 0);
    frame(10);
    wait(10, 309);
    expect(told).toEqual([]);
    wait(310, 2000);
    expect(told).toEqual([{ type: "silent", kid: KID, seconds: 300, cadence: 60 }]);
    frame(2001);
    wait(2001, 2200);
    expect(told.slice(1)).toEqual([{ type: "back", kid: KID, seconds: 1991 }]);
  });

  test("is one that was never heard, too, and one that was enrolled meanwhile", () => {
    vigil = new Vigil(
      createRegistry({ network: TEST_NETWORK, devices: [] }, keyReader, "registry"),
      (alarm) => told.push(alarm),
    );
    vigil.broker(BROKER, true, "", 0);
    vigil.enrol(registryOf(60), 1000);
    wait(1000, 1299);
    expect(told).toEqual([]);
    wait(1300, 1400);
    expect(told).toEqual([{ type: "silent", kid: KID, seconds: 300, cadence: 60 }]);
  });

  test("is none while no broker is there, or not for long enough", () => {
    vigil.broker(BROKER, true, "", 0);
    vigil.broker(BROKER, false, "gone", 100);
    wait(100, 5000);
    vigil.broker(BROKER, true, "", 5000);
    wait(5000, 5299);
    expect(told.filter(({ type }) => type === "silent")).toEqual([]);
    wait(5300, 5300);
    expect(told.filter(({ type }) => type === "silent")).toHaveLength(1);
  });

  test("gets 10 seconds at least", () => {
    vigil = new Vigil(registryOf(1), (alarm) => told.push(alarm));
    vigil.broker(BROKER, true, "", 0);
    wait(0, 9);
    expect(told).toEqual([]);
    wait(10, 10);
    expect(told).toHaveLength(1);
  });
});

test("a broker that is not reached is told of again and again, more seldom each time", () => {
  vigil.broker(BROKER, false, "ECONNREFUSED", 0);
  wait(0, 3600);
  const at = told.map((alarm) => (alarm.type === "unreached" ? alarm.seconds : alarm.type));
  expect(at).toEqual([5, 15, 35, 75, 155, 315, 635, 1235, 1835, 2435, 3035]);
  vigil.broker(BROKER, true, "", 3600);
  told = [];
  wait(3600, 3700);
  expect(told).toEqual([]);
});

describe("this machine's clock", () => {
  test.each([
    { off: -7200, how: "behind" },
    { off: 86_400 * 365, how: "ahead" },
  ])("$off s, $how: told once, and when it is right again", ({ off }) => {
    vigil.broker(BROKER, true, "", 0);
    for (let at = 60; at <= 600; at += 60) {
      frame(at, UNIX + at - off);
      wait(at, at + 59);
    }
    expect(told).toEqual([{ type: "clock", seconds: off, boards: 1, of: 1 }]);
    for (let at = 660; at <= 900; at += 60) {
      frame(at);
      wait(at, at + 59);
    }
    expect(told.slice(1)).toEqual([{ type: "clock-right" }]);
  });

  test("says nothing where an old backlog comes in", () => {
    vigil.broker(BROKER, true, "", 0);
    for (let i = 0; i < 100; i++) frame(60 * i, UNIX - 86_400 + 60 * i, 10 + i / 10);
    wait(20, 100);
    expect(told).toEqual([]);
  });
});
