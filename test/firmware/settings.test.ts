import { expect, test } from "@jest/globals";
import { createSettings, parseSettings } from "../../firmware/settings.js";

const CONFIG = {
  network: "demo",
  brokers: [{ host: "a" }],
  dns: [],
  sensors: [
    { kind: "simulated", interval: 1000, channels: [{ property: "t", name: "t", unit: "Cel", digits: 1 }] },
  ],
  readings: 4,
  age: 30_000,
  outboxFrames: 16,
  copies: 2,
  timeout: 5000,
  backoff: { min: 500, max: 60_000 },
};

test("what is set over the configuration takes its place, whole", () => {
  const settings = createSettings(CONFIG, {
    brokers: [{ host: "b", port: 8883, user: "u", password: "p" }, { host: "c" }],
    copies: 1,
  });
  expect(settings).toEqual({
    ...CONFIG,
    brokers: [
      { host: "b", port: 8883, user: "u", password: "p" },
      { host: "c", port: 1883 },
    ],
    sensors: [{ ...CONFIG.sensors[0], options: {} }],
    copies: 1,
  });
});

const channels = (channel: unknown) => ({ sensors: [{ kind: "x", interval: 1, channels: [channel] }] });

test.each<[string, object, string]>([
  ["no network", { network: "" }, "network: "],
  ["a network that is no text", { network: 7 }, "network: 7 is not a text"],
  ["no brokers", { brokers: [] }, "brokers: "],
  ["brokers that are no list", { brokers: "a" }, "brokers: a is not a list"],
  ["a broker that is a text", { brokers: ["mqtt://a"] }, "brokers[0]: mqtt://a is not an object"],
  [
    "a broker without a host",
    { brokers: [{ host: "a" }, { port: 1 }] },
    "brokers[1].host: undefined is not a text",
  ],
  ["a port that is a text", { brokers: [{ host: "a", port: "1" }] }, "brokers[0].port: 1 is not a number"],
  ["a sensor without a kind", { sensors: [{ interval: 1, channels: [1] }] }, "sensors[0].kind: "],
  ["a sensor without channels", { sensors: [{ kind: "x", interval: 1 }] }, "sensors[0].channels: "],
  [
    "options that are none",
    { sensors: [{ kind: "x", interval: 1, channels: [1], options: 1 }] },
    "sensors[0].options: 1",
  ],
  [
    "a port beyond the last",
    { brokers: [{ host: "a", port: 99_999 }] },
    "brokers[0].port: 99999 is not a whole",
  ],
  ["half a port", { brokers: [{ host: "a", port: 1.5 }] }, "brokers[0].port: 1.5 is not a whole number"],
  ["a back-off that is none", { backoff: null }, "backoff: null is not an object"],
  ["a back-off without an end", { backoff: { min: 1 } }, "backoff.max: undefined is not a number"],
  ["a name server that is a number", { dns: [5] }, "dns[0]: 5 is not an IPv4 address"],
  ["a name server with a name", { dns: ["1.2.3.256"] }, "dns[0]: 1.2.3.256 is not an IPv4 address"],
  ["an outbox beyond all RAM", { outboxFrames: 1e8 }, "outboxFrames: 100000000 is not a whole number"],
  ["a channel that is null", channels(null), "sensors[0].channels[0]: null is not an object"],
  ["a channel without a property", channels({ name: "t" }), "sensors[0].channels[0].property: undefined"],
  [
    "a channel without a unit",
    channels({ property: "t", name: "t" }),
    "sensors[0].channels[0].unit: undefined",
  ],
  ["no readings", { readings: null }, "readings: null is not a number"],
])("%s is refused by name", (_, overrides, said) => {
  expect(() => createSettings(CONFIG, overrides)).toThrow(RangeError);
  expect(() => createSettings(CONFIG, overrides)).toThrow(said);
});

test.each([
  ["a trailing comma", '{"copies": 1,}', /^settings.json: SyntaxError/],
  ["null", "null", /^settings.json: null is not an object/],
  ["a list", "[1]", /^settings.json: a list is not a JSON object/],
  ["a text", '"x"', /^settings.json: x is not an object/],
])("%s is refused by its source", (_, json, said) => {
  expect(() => parseSettings("settings.json", json)).toThrow(said);
});
