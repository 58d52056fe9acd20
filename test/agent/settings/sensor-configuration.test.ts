import { createHash } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { type ConfiguredSensor, sensorConfiguration } from "../../../agent/settings/sensor-configuration.js";
import { hasher } from "../../../node/ports/signer.js";

const SENSOR: ConfiguredSensor = {
  kind: "analog",
  options: { pin: 4, low: -40, high: 85.5, nested: { b: [1, { d: 2, c: "é" }], a: null } },
  channels: [{ property: "quantity", name: "temperature", unit: "Cel", digits: 1 }],
};

const of = (...sensors: ConfiguredSensor[]) => sensorConfiguration(sensors, hasher);

describe("a sensor configuration", () => {
  test("is the start of SHA-256 of its canonical JSON", () => {
    const text =
      '[{"channels":[{"digits":1,"name":"temperature","property":"quantity","unit":"Cel"}],"kind":"analog",' +
      '"options":{"high":85.5,"low":-40,"nested":{"a":null,"b":[1,{"c":"é","d":2}]},"pin":4}}]';
    expect(of(SENSOR)).toBe(createHash("sha256").update(text).digest("hex").slice(0, 16));
    expect(of()).toBe("4f53cda18c2baa0c");
  });

  test("is the same whatever the order of an object's members", () => {
    const { channels, options, kind } = SENSOR;
    const turned = Object.fromEntries(Object.entries(options).reverse());
    expect(of({ channels, options: turned, kind })).toBe(of(SENSOR));
  });

  test("does not depend on how often a sensor is read, or when it is silent", () => {
    const [channel] = SENSOR.channels;
    const more = { ...SENSOR, interval: 500, heartbeat: 7, channels: [{ ...channel, deadband: 3 }] };
    expect(of(more as ConfiguredSensor)).toBe(of(SENSOR));
  });

  const [channel] = SENSOR.channels as readonly [ConfiguredSensor["channels"][number]];
  const lies: [string, ConfiguredSensor][] = [
    ["another name", { ...SENSOR, channels: [{ ...channel, name: "humidity" }] }],
    ["another unit", { ...SENSOR, channels: [{ ...channel, unit: "K" }] }],
    ["another property", { ...SENSOR, channels: [{ ...channel, property: "ratio" }] }],
    ["other digits", { ...SENSOR, channels: [{ ...channel, digits: 2 }] }],
    ["another driver", { ...SENSOR, kind: "pulses" }],
    ["another calibration", { ...SENSOR, options: { ...SENSOR.options, low: -41 } }],
    ["a member more", { ...SENSOR, options: { ...SENSOR.options, ends: true } }],
  ];
  test.each(lies)("is another one with %s", (_what, sensor) => {
    expect(of(sensor)).not.toBe(of(SENSOR));
  });

  test("is another one with the sensors in another order", () => {
    const other = { ...SENSOR, kind: "pulses" };
    expect(of(SENSOR, other)).not.toBe(of(other, SENSOR));
  });
});
