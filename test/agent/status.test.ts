import { describe, expect, test } from "@jest/globals";
import { CborError } from "../../agent/cbor/error.js";
import { peekAge } from "../../agent/frame/peek.js";
import { encodeStatus, type Status } from "../../agent/status.js";
import { makeFrame, reading } from "../support/frames.js";
import { AgentHarness, asciiOf, countingSensor, RIG_CONFIG } from "./agent-harness.js";

const STATUS: Status = {
  state: "online",
  boot: 3,
  uptime: 60,
  queue: 2,
  oldest: 5,
  brokers: ["b0"],
  dropped: 1,
  flash: 0,
};

describe("a status", () => {
  test("is JSON: what is known of the board, and what the host adds", () => {
    const text = asciiOf(encodeStatus(STATUS, { reset: "brown-out", resets: { watchdog: 2 } }));
    expect(JSON.parse(text)).toEqual({ ...STATUS, reset: "brown-out", resets: { watchdog: 2 } });
  });

  test("is ASCII, whatever the host adds", () => {
    const bytes = encodeStatus(STATUS, { note: "Grüße", more: "🙂" });
    expect(bytes.every((byte) => byte < 0x80)).toBe(true);
    // How many characters those are that lie beyond 16 bits depends on the engine.
    expect(JSON.parse(asciiOf(bytes))).toMatchObject({ note: "Gr??e", more: expect.any(String), boot: 3 });
  });
});

describe("the board's status", () => {
  test("goes to every connected broker when one is opened, and each minute, retained", () => {
    const rig = new AgentHarness({ brokers: 3 });
    rig.boot({ uplink: { ...RIG_CONFIG.uplink, copies: 2 } }).start();
    const seen = () =>
      rig.traffic.filter(({ what }) => what === "status").map(({ link, time }) => `${link} ${time}`);
    rig.world.advance(59_999);
    const [first, second] = rig.of("link-opened").map(({ link }) => link) as [string, string];
    expect(seen()).toEqual([`${first} 5`, `${first} 5`, `${second} 5`]);
    rig.world.advance(120_001);
    expect(seen().slice(3).sort()).toEqual(
      [60_000, 120_000, 180_000].flatMap((time) => [`${first} ${time}`, `${second} ${time}`]).sort(),
    );
    rig.world.advance(5);
    const spare = rig.brokers.findIndex(({ name }) => name !== first && name !== second);
    const used = [0, 1, 2].filter((index) => index !== spare);
    for (const index of used) expect(rig.status(index)).toMatchObject({ state: "online", uptime: 180 });
    expect(rig.status(spare)).toBeUndefined();
  });

  test("says how many frames wait, since when, on which brokers, and what was lost", () => {
    const rig = new AgentHarness({ brokers: 1 });
    rig.about = { reset: "power-on" };
    rig.boot({ uplink: { ...RIG_CONFIG.uplink, copies: 1, acknowledgements: 1 } }).start();
    rig.world.advance(60_010);
    expect(rig.status()).toEqual({
      state: "online",
      boot: 1,
      uptime: 60,
      queue: expect.any(Number),
      oldest: 0,
      brokers: ["b0"],
      dropped: 0,
      flash: 0,
      reset: "power-on",
    });
    expect(rig.status()?.queue).toBeLessThanOrEqual(1);
  });

  test("the oldest frame's age is the time since it was made", () => {
    const rig = new AgentHarness({ brokers: 1 });
    for (const broker of rig.brokers) broker.kill();
    rig.boot({}, [countingSensor(10_000)]).start();
    rig.world.advance(42_000);
    rig.brokers[0]?.restart();
    rig.world.advance(6000);
    const status = rig.status();
    expect(status).toMatchObject({ queue: 5, oldest: status?.uptime, brokers: ["b0"] });
    expect(status?.uptime).toBeGreaterThanOrEqual(42);
  });

  test("over boots it is at least this boot's, as nobody knows how long the board was off", () => {
    const rig = new AgentHarness({ brokers: 1 });
    for (const broker of rig.brokers) broker.kill();
    const first = rig.boot();
    rig.world.advance(100_000);
    first.start();
    rig.world.advance(30_500);
    rig.cut();
    rig.boot({}, [countingSensor(10_000)]).start();
    rig.world.advance(12_000);
    rig.brokers[0]?.restart();
    rig.world.advance(6000);
    const status = rig.status();
    expect(status).toMatchObject({ boot: 2, queue: 33, oldest: status?.uptime });
    expect(status?.uptime).toBeGreaterThanOrEqual(12);
  });

  test("counts frames that are lost and not declared yet, and sectors that failed", () => {
    const rig = new AgentHarness({ brokers: 1 });
    const agent = rig.boot(
      { uplink: { ...RIG_CONFIG.uplink, acknowledgements: 1 } },
      [countingSensor(500)],
      3,
    );
    const { program } = rig.flash;
    let writes = 0;
    (rig.flash as { program: typeof program }).program = (address, data) => {
      if (writes++ === 5) throw new Error("worn out");
      program.call(rig.flash, address, data);
    };
    rig.brokers[0]?.kill();
    agent.start();
    rig.world.advance(59_000);
    rig.brokers[0]?.restart();
    rig.world.advance(6000);
    expect(rig.of("sector-failed")).toHaveLength(1);
    const { queue, dropped, flash } = rig.status() as { queue: number; dropped: number; flash: number };
    expect([flash, dropped > 20, queue + dropped > 110]).toEqual([1, true, true]);
    rig.world.advance(60_000);
    expect(rig.status()).toMatchObject({ dropped: 0, flash: 1 });
  });
});

/** Bytes of a test frame up to the end of its uptime. */
const CHAIN_END = 57;

describe("a frame's age", () => {
  test.each([
    { name: "the shortest", header: { boot: 1, sequence: 0, uptime: 0 }, readings: 1 },
    {
      name: "with a clock that is not set",
      header: { boot: 300, uptime: 70_000, clock: 0 as const, time: 0 },
      readings: 3,
    },
    {
      name: "with losses",
      header: {
        boot: 2 ** 32,
        sequence: 2 ** 33,
        uptime: 2 ** 34,
        dropped: [{ boot: 1, first: 0, last: 3 }],
      },
      readings: 1,
    },
  ])("$name: boot and uptime as they were written", ({ header, readings }) => {
    const frame = makeFrame(
      Array.from({ length: readings }, () => reading()),
      header,
    );
    expect(peekAge(frame)).toEqual({ boot: header.boot, uptime: header.uptime });
  });

  test("of a network whose name is long", () => {
    expect(peekAge(makeFrame(undefined, { uptime: 9 }, { network: "n".repeat(64) }))).toEqual({
      boot: 1,
      uptime: 9,
    });
  });

  test("is not known of what is no frame", () => {
    const frame = makeFrame(undefined, { sequence: 1 });
    expect(peekAge(frame.subarray(0, CHAIN_END))).toEqual({ boot: 1, uptime: 60 });
    for (let end = 0; end < CHAIN_END; end++)
      expect(() => peekAge(frame.subarray(0, end))).toThrow(CborError);
    expect(() => peekAge(new Uint8Array(200).fill(0xff))).toThrow(CborError);
    expect(() => peekAge(new Uint8Array(200))).toThrow(CborError);
  });
});

describe("what is published beside frames and statuses", () => {
  test("goes to every connected broker, and each that has it is told of, until the next", () => {
    const rig = new AgentHarness({ brokers: 3 });
    const board = rig.boot({ uplink: { ...RIG_CONFIG.uplink, copies: 2 } });
    board.start();
    const told: string[] = [];
    expect(board.publish("event", Uint8Array.of(0), true, () => told.push("too early"))).toBe(0);
    rig.world.advance(1000);
    expect(board.publish("event", Uint8Array.of(1), true, () => told.push("first"))).toBe(2);
    expect(told).toEqual([]);
    rig.world.advance(10);
    expect(told).toEqual(["first", "first"]);
    board.publish("event", Uint8Array.of(2), true, () => told.push("second"));
    board.publish("event", Uint8Array.of(3), true, () => told.push("third"));
    rig.world.advance(10);
    expect(told).toEqual(["first", "first", "third", "third"]);
    const kept = rig.brokers.map(({ retained }) => retained.get("event")?.[0]);
    expect(kept.sort()).toEqual([3, 3, undefined]);
  });

  test("has more ids than wait at once, none of which is a frame's or a status's", () => {
    const rig = new AgentHarness({ brokers: 1 });
    const board = rig.boot({ uplink: { ...RIG_CONFIG.uplink, copies: 1, acknowledgements: 1 } });
    board.start();
    rig.world.advance(1000);
    let told = 0;
    for (let i = 0; i < 600; i++) {
      board.publish("event", Uint8Array.of(1), true, () => told++);
      rig.world.advance(10);
    }
    expect(told).toBe(600);
    expect(rig.of("link-closed")).toEqual([]);
  });
});
