import { describe, expect, test } from "@jest/globals";
import type { SensorConfig } from "../../agent/sampler.js";
import { VIRTUAL_EPOCH } from "../support/virtual-clock.js";
import { AgentHarness, countingSensor, place, RIG_CONFIG, sensorOf } from "./agent-harness.js";

/** Two sensors: temperature and humidity every second, pressure every two. */
const station = (): SensorConfig[] => [
  {
    sensor: sensorOf(() => ({ climate: { temperature: 21.53, humidity: 40.5 } })),
    interval: 1000,
    channels: [
      { property: "climate.temperature", name: "temperature", unit: "Cel", digits: 2 },
      { property: "climate.humidity", name: "humidity", unit: "%RH", digits: 1 },
    ],
  },
  {
    sensor: sensorOf(() => ({ pressure: 1013 })),
    interval: 2000,
    channels: [{ property: "pressure", name: "pressure", unit: "hPa", digits: 0 }],
  },
];
const ROOMY = { frameBytes: 2048, readings: 8 };

describe("batches", () => {
  test("a frame is made when it has its number of readings", () => {
    const rig = new AgentHarness();
    rig.boot({ readings: 4, frameBytes: 1024 }).start();
    rig.world.advance(10_900);
    expect(rig.frames().map(({ readings }) => readings.length)).toEqual([4, 4]);
    expect(rig.of("signed").map(({ readings }) => readings)).toEqual([4, 4]);
    expect(rig.of("signed").map(({ bytes }) => bytes)).toEqual(rig.frames().map(({ bytes }) => bytes.length));
  });

  test("or when its oldest reading has its age, which each frame counts from its own first reading", () => {
    const rig = new AgentHarness();
    rig.boot({ ...ROOMY, age: 2500 }).start();
    rig.world.advance(2499);
    expect(rig.events.filter(({ type }) => type === "signed")).toEqual([]);
    rig.world.advance(1);
    expect(rig.of("signed").map(({ readings }) => readings)).toEqual([3]);
    rig.world.advance(3000);
    expect(rig.of("signed").map(({ readings }) => readings)).toEqual([3, 3]); // 3 s, 4 s, 5 s
    rig.world.advance(499);
    expect(rig.of("signed")).toHaveLength(2);
  });

  test("a full frame restarts the age", () => {
    const rig = new AgentHarness();
    rig.boot({ readings: 2, frameBytes: 1024, age: 3500 }, [countingSensor(2000)]).start();
    rig.world.advance(4000 + 3499);
    expect(rig.of("signed").map(({ readings }) => readings)).toEqual([2, 2]);
  });

  test("readings are grouped by quantity, the latest first, and each has its own age", () => {
    const rig = new AgentHarness();
    rig.boot(ROOMY, station()).start();
    rig.world.advance(3000);
    const [frame] = rig.frames();
    const of = (name: string) => ({
      name,
      unit: { temperature: "Cel", humidity: "%RH", pressure: "hPa" }[name],
    });
    const temperature = { ...of("temperature"), mantissa: 2153, exponent: -2 };
    const humidity = { ...of("humidity"), mantissa: 405, exponent: -1 };
    const pressure = { ...of("pressure"), mantissa: 1013, exponent: 0 };
    expect([...(frame?.readings ?? [])]).toEqual([
      { ...temperature, age: 0 },
      { ...temperature, age: 1000 },
      { ...temperature, age: 2000 },
      { ...humidity, age: 0 },
      { ...humidity, age: 1000 },
      { ...humidity, age: 2000 },
      { ...pressure, age: 0 },
      { ...pressure, age: 2000 },
    ]);
  });

  test("finish puts the rest into a last frame, which goes out; there are no more samples", () => {
    const rig = new AgentHarness();
    const agent = rig.boot(ROOMY);
    agent.start();
    rig.world.advance(2500);
    agent.finish();
    agent.finish();
    rig.world.advance(60_000);
    expect(rig.frames().map(({ readings }) => readings.length)).toEqual([3]);
    expect(rig.unsettled).toEqual([]);
  });

  test("finish without a reading makes no frame", () => {
    const rig = new AgentHarness();
    const agent = rig.boot();
    agent.finish();
    expect(rig.events.map(({ type }) => type)).toEqual(["recovered"]);
  });

  test("stop ends everything: no sample, no frame, no timer, and the sensors are closed", () => {
    const rig = new AgentHarness();
    let closed = 0;
    const sensor = { ...sensorOf(() => ({ temperature: 1 })), close: () => closed++ };
    const agent = rig.boot({ ...ROOMY, age: 5000 }, [{ ...countingSensor(), sensor }]);
    agent.start();
    rig.world.advance(2500);
    agent.stop();
    rig.world.advance(60_000);
    expect([closed, rig.world.pending, rig.of("signed").length]).toEqual([1, 0, 0]);
  });
});

describe("times", () => {
  test.each([
    { name: "a whole second", startedAt: 0, interval: 1000, after: 0, uptime: 0, age: 0 },
    { name: "whole seconds later", startedAt: 7000, interval: 1000, after: 0, uptime: 7, age: 0 },
    {
      name: "started within a second: the second's start",
      startedAt: 7654,
      interval: 1000,
      after: 0,
      uptime: 7,
      age: 0,
    },
    {
      name: "fast sensors: milliseconds, before the next second",
      startedAt: 7654,
      interval: 100,
      after: 0,
      uptime: 8,
      age: 346,
    },
    {
      name: "sealed later: dated when it was sampled",
      startedAt: 7000,
      interval: 1000,
      after: 9500,
      uptime: 16,
      age: 0,
    },
  ])("$name", ({ startedAt, interval, after, uptime, age }) => {
    const rig = new AgentHarness();
    const agent = rig.boot({ age: 60_000 }, [countingSensor(interval)]);
    rig.world.advance(startedAt);
    agent.start();
    rig.world.advance(after);
    agent.finish();
    rig.world.advance(100);
    const frame = rig.frames().at(-1);
    expect(frame).toMatchObject({ uptime, clock: 2, time: VIRTUAL_EPOCH / 1000 + uptime });
    expect([...(frame?.readings ?? [])].at(-1)?.age).toBe(age);
  });

  test("base time is the wall clock's at the base, whatever the wall clock did since boot", () => {
    const rig = new AgentHarness();
    rig.world.advance(100_250);
    const agent = rig.boot({ readings: 2, frameBytes: 1024 });
    agent.start();
    rig.world.advance(1100);
    rig.world.epoch += 3_600_000;
    rig.world.advance(2000);
    const [before, after] = rig.frames();
    const bootedAt = Math.floor((VIRTUAL_EPOCH + 100_250) / 1000);
    expect(before).toMatchObject({ uptime: 1, time: bootedAt + 1 });
    expect(after).toMatchObject({ uptime: 3, time: bootedAt + 3603 });
  });

  test.each([0, 1, 2] as const)(
    "clock state %i is in the frame, with a base time where there is one",
    (state) => {
      const rig = new AgentHarness();
      rig.world.state = state;
      rig.boot().start();
      rig.world.advance(100);
      expect(rig.frames()[0]).toMatchObject({
        clock: state,
        time: state === 0 ? undefined : VIRTUAL_EPOCH / 1000,
      });
    },
  );

  test("the clock is set while the board runs", () => {
    const rig = new AgentHarness();
    rig.world.state = 0;
    rig.boot().start();
    rig.world.advance(1500);
    rig.world.state = 2;
    rig.world.advance(1000);
    expect(rig.frames().map(({ clock, uptime }) => [clock, uptime])).toEqual([
      [0, 0],
      [0, 1],
      [2, 2],
    ]);
  });

  test.each([
    { name: "1970", epoch: 0 },
    { name: "just before what SenML takes for a date", epoch: 2 ** 28 * 1000 - 1001 },
    { name: "no number", epoch: Number.NaN },
  ])(
    "a clock that claims to be set and says $name counts as unset: no judge could read the frame",
    ({ epoch }) => {
      const rig = new AgentHarness();
      rig.world.state = 1;
      rig.world.epoch = epoch;
      rig.boot().start();
      rig.world.advance(100);
      expect(rig.of("storage-failed")).toEqual([]);
      expect(rig.frames()[0]).toMatchObject({ clock: 0, time: undefined, uptime: 0 });
    },
  );
});

describe("an observer may act on what it is told", () => {
  test.each(["signed", "acknowledged", "link-opened", "link-closed", "sensor-failed"] as const)(
    "stop at %s: nothing happens after it",
    (type) => {
      const rig = new AgentHarness({ brokers: 3 });
      const flaky = sensorOf(() => ({ temperature: rig.events.length > 5 ? Number.NaN : 1 }));
      const agent = rig.boot({ uplink: { ...RIG_CONFIG.uplink, copies: 3 } }, [
        { ...countingSensor(), sensor: flaky },
        countingSensor(),
      ]);
      let after = -1;
      rig.onEvent = (event) => {
        if (event.type !== type || after >= 0) return;
        agent.stop();
        after = rig.events.length;
      };
      agent.start();
      rig.world.advance(3200);
      rig.brokers[0]?.kill();
      rig.world.advance(60_000);
      expect(after).toBeGreaterThan(0);
      expect(rig.events).toHaveLength(after);
      expect(rig.world.pending).toBe(0);
    },
  );

  test("stop at an acknowledgement that lets another frame into the window", () => {
    const rig = new AgentHarness();
    const agent = rig.boot();
    for (const broker of rig.brokers) broker.kill();
    agent.start();
    rig.world.advance(20_500);
    expect(rig.unsettled.length).toBeGreaterThan(RIG_CONFIG.uplink.window + 1);
    rig.onEvent = ({ type }) => type === "acknowledged" && agent.stop();
    for (const broker of rig.brokers) broker.restart();
    rig.world.advance(60_000);
    expect(rig.of("acknowledged").length).toBeGreaterThan(0);
    expect(rig.events.at(-1)?.type).toBe("acknowledged");
    expect(rig.world.pending).toBe(0);
  });

  test("finish at the first acknowledgement: one frame more, each acknowledged once", () => {
    const rig = new AgentHarness();
    const agent = rig.boot({ readings: 2, frameBytes: 1024 }, [countingSensor(700)]);
    rig.brokers[0]?.kill();
    agent.start();
    rig.world.advance(2200); // 0 and 0.7 s, 1.4 and 2.1 s
    rig.onEvent = ({ type }) => type === "acknowledged" && agent.finish();
    rig.world.advance(1200);
    rig.world.advance(60_000);
    const acknowledged = rig.of("acknowledged").map(({ position }) => place(position));
    expect(acknowledged).toEqual([...new Set(acknowledged)]);
    expect(acknowledged).toEqual(rig.of("signed").map(({ position }) => place(position)));
  });
});

test("the frame after the one that pushed the oldest out of a full journal declares them", () => {
  const rig = new AgentHarness();
  for (const broker of rig.brokers) broker.kill();
  const agent = rig.boot({}, [countingSensor()], 3);
  agent.start();
  rig.world.advance(100_000);
  agent.finish();
  for (const broker of rig.brokers) broker.restart();
  rig.world.advance(120_000);
  const frames = rig.frames().sort((a, b) => a.sequence - b.sequence);
  const [oldest] = frames;
  const count = rig.of("signed").length;
  // At least one sector of three is there to be read: about twenty frames.
  expect(frames.length).toBeGreaterThan(20);
  expect(frames.map(({ sequence }) => sequence)).toEqual(frames.map((_, i) => count - frames.length + i));
  const lost = (oldest?.sequence ?? 0) - 1;
  expect(frames.at(-1)?.dropped).toEqual([{ boot: 1, first: 0, last: lost }]);
  // The frame that began the sector for which the last ones went was signed before that.
  const first = frames.findIndex(({ dropped }) => dropped.at(-1)?.last === lost);
  expect(first).toBeGreaterThan(0);
  expect(frames[first - 1]?.dropped.at(-1)?.last).toBeLessThan(lost);
  expect(rig.unsettled).toEqual([]);
});

describe("a broker that is found later", () => {
  test("is used, by the agent's own boot and by no other", () => {
    const rig = new AgentHarness({ brokers: 3 });
    const later = rig.brokers.pop() as (typeof rig.brokers)[number];
    const agent = rig.boot({ uplink: { ...RIG_CONFIG.uplink, copies: 3, acknowledgements: 3 } });
    agent.start();
    rig.world.advance(1500);
    expect(rig.of("acknowledged")).toHaveLength(2);
    agent.addLink(later.link());
    rig.world.advance(1000);
    expect(
      rig
        .of("link-opened")
        .map(({ link }) => link)
        .sort(),
    ).toEqual(["b0", "b1", "b2"]);
    expect(later.delivered).toBeGreaterThan(0);
    expect(rig.of("acknowledged")).toHaveLength(3);
  });

  test("a second time, is ignored", () => {
    const rig = new AgentHarness();
    const agent = rig.boot();
    for (const broker of rig.brokers) agent.addLink(broker.link());
    agent.start();
    rig.world.advance(10_000);
    expect(rig.of("link-opened")).toHaveLength(2);
  });
});
