import { describe, expect, test } from "@jest/globals";
import { Configuration } from "../../../agent/provision/configuration.js";
import { createMemoryKeyValue } from "../../../host-sim/ports/key-value.js";
import { CONFIG } from "./bench-host.js";

const SECRET = "hunter2-hunter2";

function create(values = new Map<string, Uint8Array>()) {
  const store = createMemoryKeyValue(values);
  return { values, configuration: new Configuration({ store, config: CONFIG, kinds: ["simulated"] }) };
}

const sensor = CONFIG.sensors[0];

test("settings stand over those before, each whole, and over what is compiled in", () => {
  const { configuration } = create();
  configuration.change('{"network":"ridge","wifi":{"ssid":"field","password":"p"}}');
  configuration.change('{"wifi":{"ssid":"other"}}');
  expect(configuration.stored).toEqual({ network: "ridge", wifi: { ssid: "other" } });
  expect(configuration.wifi).toEqual({ ssid: "other" });
  expect(configuration.settings).toMatchObject({ network: "ridge", age: 30_000 });
});

describe("refused, nothing is stored, and no value is repeated", () => {
  test.each([
    ["no JSON", `{"wifi":{"password":"${SECRET}"`, "settings: not JSON"],
    ["a list", `["${SECRET}"]`, "settings: not a JSON object"],
    [
      "a setting that there is not",
      `{"${SECRET}":1}`,
      /^settings: there is no such setting; there are network, /,
    ],
    ["one inside", `{"wifi":{"ssid":"a","${SECRET}":1}}`, /^wifi: there is no such setting; there are ssid/],
    [
      "a password that is no text",
      '{"wifi":{"ssid":"a","password":[12345678]}}',
      "wifi.password: it is not a text",
    ],
    ["a broker's", '{"brokers":[{"host":"a","password":12345678}]}', "brokers[0].password: it is not a text"],
    [
      "a text where there should be a list",
      `{"brokers":"${SECRET}"}`,
      "brokers: it is not a list with something in it",
    ],
    [
      "a certificate",
      `{"brokers":[{"host":"a","certificate":"${SECRET}"}]}`,
      /^brokers\[0\]\.certificate: not one certificate/,
    ],
    [
      "a network's name",
      `{"network":"${SECRET} ?"}`,
      "network: it is not 1 to 64 letters, digits, or - : . _",
    ],
    [
      "a sensor that the board has no driver for",
      JSON.stringify({ sensors: [{ ...sensor, kind: SECRET }] }),
      /^sensors\[0\]\.kind: it is not one of this board's/,
    ],
    ["more copies than brokers may be", '{"copies":31}', /^uplink\.copies: it is not a whole number/],
    ["more acknowledgements than copies", '{"acknowledgements":2}', /^uplink\.acknowledgements: it is not/],
    ["too much", JSON.stringify({ sntp: "x".repeat(9000) }), /^settings: \d+ bytes/],
    ["a prototype", '{"__proto__":{"network":"x"}}', /^settings: there is no such setting/],
  ])("%s", (_, json, message) => {
    const { values, configuration } = create();
    configuration.change('{"age":5000}');
    const before = values.get("settings");
    let said = "";
    try {
      configuration.change(json);
    } catch (error) {
      expect(error).toBeInstanceOf(RangeError);
      said = (error as Error).message;
    }
    if (typeof message === "string") expect(said).toBe(message);
    else expect(said).toMatch(message);
    for (const secret of [SECRET, "12345678"]) expect(said).not.toContain(secret);
    expect(values.get("settings")).toBe(before);
  });

  test("what is stored, where that is damaged", () => {
    const bytes = new TextEncoder().encode(`{"wifi":{"password":"${SECRET}"`);
    const { configuration } = create(new Map([["settings", bytes]]));
    expect(() => configuration.change('{"age":5000}')).toThrow(/^settings: what is stored is damaged/);
    configuration.forget();
    configuration.change('{"age":5000}');
  });
});
