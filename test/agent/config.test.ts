import { describe, expect, test } from "@jest/globals";
import { type AgentConfig, checkConfig } from "../../agent/config.js";
import { parseFrame } from "../../agent/frame/parse.js";
import { FrameWriter } from "../../agent/frame/write.js";
import { InputError } from "../../agent/input-error.js";
import { MAX_DECLARED } from "../../agent/journal/losses.js";
import type { ChannelConfig, SensorConfig } from "../../agent/sampler.js";
import { testKid, testSigner } from "../support/frames.js";
import { countingSensor, RIG_CONFIG, sensorOf } from "./agent-harness.js";

const uplink = (more: Partial<AgentConfig["uplink"]>) => ({ uplink: { ...RIG_CONFIG.uplink, ...more } });
const sensors = (more: Partial<SensorConfig>, channel: Partial<ChannelConfig> = {}): SensorConfig[] => {
  const [first] = countingSensor().channels;
  return [{ ...countingSensor(), channels: [{ ...(first as ChannelConfig), ...channel }], ...more }];
};
const many = (count: number) =>
  sensors({ channels: Array.from({ length: count }, () => countingSensor().channels[0] as ChannelConfig) });

describe("a setting that cannot work is named, with what arrived", () => {
  test.each<{ says: string; config?: Partial<AgentConfig>; with?: SensorConfig[] }>([
    { says: "network: a/b is not", config: { network: "a/b" } },
    { says: "network:  is not", config: { network: "" } },
    { says: "readings: 0 is not", config: { readings: 0 } },
    { says: "readings: 256 is not", config: { readings: 256 } },
    { says: "readings: 1.5 is not", config: { readings: 1.5 } },
    { says: "age: 0 is not", config: { age: 0 } },
    { says: "age: NaN is not", config: { age: Number.NaN } },
    { says: "frameBytes: 4097 is not", config: { frameBytes: 4097 } },
    { says: "frameBytes: 300.5 is not", config: { frameBytes: 300.5 } },
    { says: "frameBytes: 200 is not at least", config: { frameBytes: 200 } },
    { says: "frameBytes: 512 is not at least", config: { readings: 20 } },
    { says: "uplink.copies: 0 is not", config: uplink({ copies: 0 }) },
    { says: "uplink.copies: 31 is not", config: uplink({ copies: 31 }) },
    { says: "uplink.window: 0 is not", config: uplink({ window: 0 }) },
    { says: "uplink.acknowledgements: 0 is not", config: uplink({ acknowledgements: 0 }) },
    { says: "uplink.acknowledgements: 3 is not", config: uplink({ copies: 2, acknowledgements: 3 }) },
    { says: "uplink.window: 256 is not", config: uplink({ window: 256 }) },
    { says: "uplink.absent: 0 is not", config: uplink({ absent: 0 }) },
    { says: "uplink.absent: NaN is not", config: uplink({ absent: Number.NaN }) },
    {
      says: 'uplink.order: random is not "oldest" or "newest"',
      config: uplink({ order: "random" as "newest" }),
    },
    { says: "uplink.timeout: 0 is not", config: uplink({ timeout: 0 }) },
    { says: "uplink.timeout: NaN is not", config: uplink({ timeout: Number.NaN }) },
    { says: "uplink.backoff.min: 0 is not", config: uplink({ backoff: { min: 0, max: 5 } }) },
    { says: "uplink.backoff.min: -1 is not", config: uplink({ backoff: { min: -1, max: 5 } }) },
    { says: "uplink.backoff.max: 4 is not", config: uplink({ backoff: { min: 5, max: 4 } }) },
    { says: "uplink.backoff.max: NaN is not", config: uplink({ backoff: { min: 5, max: Number.NaN } }) },
    { says: "interval: 0 is not", with: sensors({ interval: 0 }) },
    { says: "interval: NaN is not", with: sensors({ interval: Number.NaN }) },
    { says: "name: - is not", with: sensors({}, { name: "-" }) },
    { says: `name: ${"x".repeat(65)} is not`, with: sensors({}, { name: "x".repeat(65) }) },
    { says: "unit:  is not", with: sensors({}, { unit: "" }) },
    { says: "unit: Celsius is not", with: sensors({}, { unit: "Celsius" }) },
    { says: "digits: 10 is not", with: sensors({}, { digits: 10 }) },
    { says: "digits: -1 is not", with: sensors({}, { digits: -1 }) },
    { says: "digits: 0.5 is not", with: sensors({}, { digits: 0.5 }) },
    { says: "sensors: 0 is not", with: [] },
    { says: "sensors: 257 is not", with: many(257) },
  ])("$says", ({ says, config, with: given = [countingSensor()] }) => {
    const check = () => checkConfig({ ...RIG_CONFIG, ...config }, given);
    expect(check).toThrow(InputError);
    expect(check).toThrow(says);
  });
});

test("the settings that the tests use are fine, and so are 256 quantities", () => {
  checkConfig(RIG_CONFIG, [countingSensor()]);
  checkConfig(RIG_CONFIG, many(256));
});

test.each([
  { network: "n", name: "t", unit: "m", readings: 1 },
  { network: "n".repeat(64), name: "t".repeat(64), unit: "beat/min", readings: 1 },
  { network: "n".repeat(64), name: "t".repeat(64), unit: "beat/min", readings: 30 },
  { network: "demo", name: "temperature", unit: "Cel", readings: 80 },
])("frameBytes as it asks for is enough for the longest frame: $readings readings of $name", (row) => {
  const { network, name, unit, readings } = row;
  const given = [
    { sensor: sensorOf(() => ({})), interval: 1, channels: [{ property: "t", name, unit, digits: 9 }] },
  ];
  const check = (frameBytes: number) => checkConfig({ ...RIG_CONFIG, network, readings, frameBytes }, given);
  let enough = 1;
  try {
    check(enough);
  } catch (error) {
    enough = Number(/at least (\d+)/.exec((error as Error).message)?.[1]);
  }
  check(enough);
  expect(() => check(enough - 1)).toThrow(`at least ${enough}`);

  const huge = Number.MAX_SAFE_INTEGER;
  const dropped = Array.from({ length: MAX_DECLARED }, (_, i) => ({
    boot: huge - 9 + i,
    first: huge - 1,
    last: huge,
  }));
  const writer = new FrameWriter(network, testKid, enough);
  writer.begin(
    {
      boot: huge,
      sequence: huge,
      prev: new Uint8Array(16),
      uptime: huge,
      clock: 2,
      time: 253_402_300_799,
      dropped,
    },
    readings,
  );
  // Names and units that take turns are all written out; the ages and values have their longest encoding.
  for (let i = 0; i < readings; i++) {
    const other = i % 2 === 0 ? name : `${name.slice(0, -1)}x`;
    writer.reading(other, i % 2 === 0 ? unit : unit.toUpperCase(), -huge, -9, 2 ** 28 * 1000 - 1);
  }
  const frame = writer.finish(testSigner);
  expect(parseFrame(frame)).not.toHaveProperty("failure");
});
