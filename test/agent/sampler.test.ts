import { describe, expect, test } from "@jest/globals";
import type { SensorSample } from "../../agent/ports/sensor.js";
import { type ChannelConfig, createSampler, type Sampler, type SensorConfig } from "../../agent/sampler.js";
import { VirtualClock } from "../support/virtual-clock.js";
import { sensorOf } from "./agent-harness.js";

type Heard = [channel: number, mantissa: number, time: number];

/** A sampler on a virtual clock, and what it says. */
function watch(sensors: SensorConfig[], clock = new VirtualClock()) {
  const readings: Heard[] = [];
  const failures: [sensor: number, reason: string][] = [];
  let onReading = () => {};
  const sampler: Sampler = createSampler(sensors, clock, {
    reading(channel, mantissa, time) {
      readings.push([channel, mantissa, time]);
      onReading();
    },
    failed: (sensor, reason) => failures.push([sensor, reason]),
    sampled() {},
  });
  return { clock, sampler, readings, failures, onReading: (then: () => void) => (onReading = then) };
}

const channel = (property = "t", more: Partial<ChannelConfig> = {}): ChannelConfig => ({
  property,
  name: property,
  unit: "Cel",
  digits: 1,
  ...more,
});

/** A sensor that gives one sample after another, then the last for ever. */
function playing(samples: unknown[], interval = 1000, more: Partial<SensorConfig> = {}): SensorConfig {
  let turn = 0;
  const sample = () => samples[Math.min(turn++, samples.length - 1)] as SensorSample | undefined;
  return { sensor: sensorOf(sample), interval, channels: [channel()], ...more };
}

const times = (readings: Heard[], of = 0) => readings.filter(([c]) => c === of).map(([, , time]) => time);

describe("cadence", () => {
  test("the first sample is at the start, the next one interval later, and so on", () => {
    const { clock, sampler, readings } = watch([playing([{ t: 1 }], 2000)]);
    clock.advance(500);
    sampler.start();
    expect(times(readings)).toEqual([0]);
    clock.advance(1999);
    expect(readings).toHaveLength(1);
    clock.advance(6001);
    expect(times(readings)).toEqual([0, 2000, 4000, 6000, 8000]);
  });

  test("late timers do not make it drift", () => {
    const { clock, sampler, readings } = watch([playing([{ t: 1 }], 100)]);
    sampler.start();
    const late = Array.from({ length: 50 }, (_, i) => 100 * i + (i % 10));
    for (const time of late) {
      clock.stall(time - clock.uptime());
      clock.advance(0);
    }
    expect(times(readings)).toEqual(late);
  });

  test("turns that were missed are left out, and the raster stays", () => {
    const { clock, sampler, readings } = watch([playing([{ t: 1 }], 100)]);
    sampler.start();
    clock.advance(100);
    clock.stall(550);
    clock.advance(200);
    expect(times(readings)).toEqual([0, 100, 650, 700, 800]);
  });

  test("a slow sensor delays nobody's raster", () => {
    const clock = new VirtualClock();
    const slow = sensorOf(() => {
      clock.stall(30);
      return { t: 1 };
    });
    const { sampler, readings } = watch([{ sensor: slow, interval: 100, channels: [channel()] }], clock);
    sampler.start();
    clock.advance(400);
    expect(times(readings)).toEqual([0, 100, 200, 300, 400]);
  });

  test("each sensor has its own interval", () => {
    const sensors = [playing([{ t: 1 }], 1000), playing([{ t: 2 }], 2500), playing([{ t: 3 }], 400)];
    const { clock, sampler, readings } = watch(sensors);
    sampler.start();
    clock.advance(5000);
    expect(times(readings, 0)).toEqual([0, 1000, 2000, 3000, 4000, 5000]);
    expect(times(readings, 1)).toEqual([0, 2000, 5000]); // 2,500 and 7,500 in whole seconds
    expect(times(readings, 2)).toEqual(Array.from({ length: 13 }, (_, i) => i * 400));
  });

  test.each([
    { interval: 999, time: 1234 },
    { interval: 1000, time: 1000 },
    { interval: 1001, time: 1000 },
  ])("an interval of $interval ms: a reading at 1,234 ms is timed $time", ({ interval, time }) => {
    const { clock, sampler, readings } = watch([playing([{ t: 1 }], interval)]);
    clock.advance(1234.5);
    sampler.start();
    expect(times(readings)).toEqual([time]);
  });

  test("stop ends it, and start resumes it", () => {
    const { clock, sampler, readings } = watch([playing([{ t: 1 }], 100)]);
    sampler.start();
    clock.advance(150);
    sampler.stop();
    sampler.stop();
    expect(clock.pending).toBe(0);
    clock.advance(1000);
    expect(times(readings)).toEqual([0, 100]);
    sampler.start();
    clock.advance(100);
    expect(times(readings)).toEqual([0, 100, 1150, 1250]);
  });

  test("a second start changes nothing", () => {
    const { clock, sampler, readings } = watch([playing([{ t: 1 }], 100)]);
    sampler.start();
    sampler.start();
    expect(clock.pending).toBe(1);
    clock.advance(200);
    expect(times(readings)).toEqual([0, 100, 200]);
    sampler.stop();
    expect(clock.pending).toBe(0);
  });

  test("stopped from inside a reading, it takes no other sample and sets no timer", () => {
    let samples = 0;
    const counted = sensorOf(() => ({ t: ++samples, u: 1 }));
    const two = { sensor: counted, interval: 100, channels: [channel("t"), channel("u")] };
    const { clock, sampler, readings, onReading } = watch([two, two]);
    onReading(() => sampler.stop());
    sampler.start();
    expect(readings).toEqual([[0, 10, 0]]);
    expect(samples).toBe(1);
    clock.advance(1000);
    expect(samples).toBe(1);
  });

  test("without sensors it sets no timer", () => {
    const { clock, sampler } = watch([]);
    sampler.start();
    expect(clock.pending).toBe(0);
  });
});

describe("values", () => {
  test.each([
    { name: "rounded to the digits", sample: 21.55, digits: 1, mantissa: 216 },
    { name: "two digits", sample: 21.53, digits: 2, mantissa: 2153 },
    { name: "no digits", sample: 1013.4, digits: 0, mantissa: 1013 },
    { name: "negative", sample: -40.06, digits: 1, mantissa: -401 },
    { name: "-0 is 0", sample: -0, digits: 1, mantissa: 0 },
    { name: "rounded to 0 from below is 0", sample: -0.04, digits: 1, mantissa: 0 },
    { name: "nine digits", sample: 0.000000001, digits: 9, mantissa: 1 },
    { name: "the largest that is safe", sample: 2 ** 53 - 1, digits: 0, mantissa: 2 ** 53 - 1 },
  ])("$name", ({ sample, digits, mantissa }) => {
    const config = playing([{ t: sample }], 1000, { channels: [channel("t", { digits })] });
    const { sampler, readings, failures } = watch([config]);
    sampler.start();
    expect(failures).toEqual([]);
    expect(readings).toHaveLength(1);
    expect(Object.is(readings[0]?.[1], mantissa)).toBe(true);
  });

  test.each<{ name: string; sample: unknown; reason: string }>([
    { name: "NaN", sample: { t: Number.NaN }, reason: "t is NaN" },
    { name: "Infinity", sample: { t: Number.POSITIVE_INFINITY }, reason: "t is Infinity" },
    { name: "-Infinity", sample: { t: Number.NEGATIVE_INFINITY }, reason: "t is -Infinity" },
    { name: "beyond 2^53 once scaled", sample: { t: 2 ** 53 }, reason: "t is 9007199254740992" },
    { name: "text", sample: { t: "21.5" }, reason: "t is 21.5" },
    { name: "null", sample: { t: null }, reason: "t is null" },
    { name: "true", sample: { t: true }, reason: "t is true" },
    { name: "an object", sample: { t: {} }, reason: "t is [object Object]" },
  ])("$name is a failure, and the sensor is asked again", ({ sample, reason }) => {
    const { clock, sampler, readings, failures } = watch([playing([sample, { t: 2 }])]);
    sampler.start();
    expect(failures).toEqual([[0, reason]]);
    clock.advance(1000);
    expect(readings).toEqual([[0, 20, 1000]]);
  });

  test.each<{ name: string; sample: unknown }>([
    { name: "no sample yet", sample: undefined },
    { name: "null for a sample", sample: null },
    { name: "the property is missing", sample: {} },
    { name: "the property is undefined", sample: { t: undefined } },
  ])("$name: nothing is reported, and nothing failed", ({ sample }) => {
    const { clock, sampler, readings, failures } = watch([playing([sample, { t: 2 }])]);
    sampler.start();
    expect([readings, failures]).toEqual([[], []]);
    clock.advance(1000);
    expect(readings).toEqual([[0, 20, 1000]]);
  });

  test.each<{ name: string; sample: unknown; heard: Heard[] }>([
    { name: "one level down", sample: { a: { t: 1.5 } }, heard: [[0, 15, 0]] },
    { name: "the level above is a number", sample: { a: 3 }, heard: [] },
    { name: "the level above is null", sample: { a: null }, heard: [] },
    { name: "the level above is missing", sample: {}, heard: [] },
  ])("a nested property: $name", ({ sample, heard }) => {
    const config = playing([sample, { a: { t: 2 } }], 1000, { channels: [channel("a.t")] });
    const { clock, sampler, readings } = watch([config]);
    sampler.start();
    expect(readings).toEqual(heard);
    clock.advance(1000);
    expect(readings).toEqual([...heard, [0, 20, 1000]]);
  });

  test("channels count through all sensors; one that is missing takes no other's number", () => {
    const sensors = [
      playing([{ t: 1, u: 2 }], 1000, { channels: [channel("t"), channel("u")] }),
      playing([{ w: 4 }], 1000, { channels: [channel("v"), channel("w")] }),
    ];
    const { sampler, readings } = watch(sensors);
    sampler.start();
    expect(readings).toEqual([
      [0, 10, 0],
      [1, 20, 0],
      [3, 40, 0],
    ]);
  });

  test.each<{ name: string; thrown: unknown; reason: string }>([
    { name: "an error", thrown: new Error("no answer on the bus"), reason: "no answer on the bus" },
    { name: "text", thrown: "bus", reason: "bus" },
  ])("a sensor that throws $name is reported and asked again, and the others go on", ({ thrown, reason }) => {
    let turn = 0;
    const flaky = sensorOf(() => {
      if (turn++ === 0) throw thrown;
      return { t: 7 };
    });
    const sensors = [{ sensor: flaky, interval: 1000, channels: [channel()] }, playing([{ t: 1 }])];
    const { clock, sampler, readings, failures } = watch(sensors);
    sampler.start();
    expect(failures).toEqual([[0, reason]]);
    expect(readings).toEqual([[1, 10, 0]]);
    clock.advance(1000);
    expect(readings).toContainEqual([0, 70, 1000]);
  });

  test("a sample whose property throws is a failure like any other", () => {
    const sample = {
      get t(): number {
        throw new Error("register gone");
      },
    };
    const { clock, sampler, readings, failures } = watch([playing([sample, { t: 2 }])]);
    sampler.start();
    expect(failures).toEqual([[0, "register gone"]]);
    clock.advance(1000);
    expect(readings).toEqual([[0, 20, 1000]]);
  });
});

describe("dead band", () => {
  const banded = (values: number[], deadband: number, heartbeat?: number) =>
    playing(
      values.map((t) => ({ t })),
      1000,
      { channels: [channel("t", { deadband })], ...(heartbeat !== undefined && { heartbeat }) },
    );

  test.each([
    { name: "none: all are reported", values: [1, 1, 1], deadband: 0, mantissas: [10, 10, 10] },
    { name: "less is not reported", values: [1, 1.4, 0.6], deadband: 0.5, mantissas: [10] },
    { name: "as much is", values: [1, 1.5, 1], deadband: 0.5, mantissas: [10, 15, 10] },
    {
      name: "it is measured from what was reported, so creeping shows",
      values: [1, 1.25, 1.5, 1.75, 2],
      deadband: 0.5,
      mantissas: [10, 15, 20],
    },
  ])("$name", ({ values, deadband, mantissas }) => {
    const { clock, sampler, readings } = watch([banded(values, deadband)]);
    sampler.start();
    clock.advance(1000 * (values.length - 1));
    expect(readings.map(([, mantissa]) => mantissa)).toEqual(mantissas);
  });

  test("the first value is reported whatever it is", () => {
    const { sampler, readings } = watch([banded([0], 1000)]);
    sampler.start();
    expect(readings).toEqual([[0, 0, 0]]);
  });

  test("a quiet value is reported again at each heartbeat", () => {
    const { clock, sampler, readings } = watch([banded([1], 0.5, 3000)]);
    sampler.start();
    clock.advance(9000);
    expect(times(readings)).toEqual([0, 3000, 6000, 9000]);
  });

  test("a report restarts the heartbeat", () => {
    const { clock, sampler, readings } = watch([banded([1, 1, 2], 0.5, 3000)]);
    sampler.start();
    clock.advance(8000);
    expect(times(readings)).toEqual([0, 2000, 5000, 8000]);
  });

  test("the heartbeat is 15 minutes where none is set", () => {
    const { clock, sampler, readings } = watch([banded([1], 0.5)]);
    sampler.start();
    clock.advance(30 * 60_000);
    expect(times(readings)).toEqual([0, 900_000, 1_800_000]);
  });

  test("a failure in between does not count as a report", () => {
    const { clock, sampler, readings } = watch([banded([1, Number.NaN, 1.2, 1.6], 0.5)]);
    sampler.start();
    clock.advance(3000);
    expect(readings.map(([, mantissa]) => mantissa)).toEqual([10, 16]);
  });
});
