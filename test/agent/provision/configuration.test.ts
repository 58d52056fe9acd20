import { describe, expect, test } from "@jest/globals";
import { InputError } from "../../../agent/input-error.js";
import { Configuration } from "../../../agent/provision/configuration.js";
import { createMemoryKeyValue } from "../../../node/ports/key-value.js";
import { CONFIG } from "./recorded-host.js";

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
      expect(error).toBeInstanceOf(InputError);
      said = (error as Error).message;
    }
    if (typeof message === "string") expect(said).toBe(message);
    else expect(said).toMatch(message);
    for (const secret of [SECRET, "12345678"]) expect(said).not.toContain(secret);
    expect(values.get("settings")).toBe(before);
  });
});

describe("settings with which a board cannot start", () => {
  const stored = (settings: string) => create(new Map([["settings", new TextEncoder().encode(settings)]]));
  const bad = { ...sensor, kind: "none", interval: "often" };

  test("damaged ones: it starts with what is compiled in, and takes others", () => {
    const { configuration } = stored(`{"wifi":{"password":"${SECRET}"`);
    expect(() => configuration.settings).toThrow("NVS settings: not JSON");
    expect(configuration.fallBack("damaged")).toBe(true);
    expect(configuration).toMatchObject({ stored: {}, isPartial: true, isReachable: false });
    configuration.change('{"age":5000}');
    expect(
      create(new Map([["settings", configuration.kept.latest as Uint8Array]])).configuration.stored,
    ).toEqual({
      age: 5000,
    });
  });

  test("one of them wrong: the others bring it to its brokers all the same", () => {
    const given = { network: "ridge", brokers: [{ host: "a" }], sensors: [bad], wifi: { ssid: "field" } };
    const { configuration } = stored(JSON.stringify({ ...given, wlan: 1 }));
    expect(() => configuration.settings).toThrow("wlan: there is no such setting");
    expect(configuration.fallBack("wlan")).toBe(true);
    const { sensors: _, ...usable } = given;
    expect(configuration).toMatchObject({ stored: usable, isPartial: true, isReachable: true });
    expect(configuration.settings).toMatchObject({ network: "ridge", sensors: CONFIG.sensors });
    expect(configuration.fallBack("and that will not do")).toBe(true);
    expect(configuration).toMatchObject({ stored: {}, isReachable: false });
    expect(configuration.fallBack("nothing will")).toBe(false);
  });

  test("where what is compiled in is wrong there is nothing else", () => {
    expect(create().configuration.fallBack("wrong")).toBe(false);
  });
});

test.each([
  [
    "an interval of 1 ms",
    { sensors: [{ ...sensor, interval: 1 }] },
    "sensors[0].interval: it is not from 100 to ",
  ],
  [
    "one of 24 days",
    { sensors: [{ ...sensor, interval: 24 * 86_400_000 }] },
    "sensors[0].interval: it is not from",
  ],
  [
    "a back-off of 24 days",
    { backoff: { min: 500, max: 24 * 86_400_000 } },
    "backoff.max: it is not from 10 to ",
  ],
  ["an absence of 24 days", { absent: 24 * 86_400_000 }, "absent: it is not from 1 to 86400000 milliseconds"],
  ["a time-out of 1 ms", { timeout: 1 }, "timeout: it is not from 100 to 300000 milliseconds"],
  ["a time-out of a day", { timeout: 86_400_000 }, "timeout: it is not from 100 to 300000 milliseconds"],
  ["a trial of 1 ms", { trial: 1 }, "trial: it is not from 1000 to 86400000 milliseconds"],
  ["a trial of 24 days", { trial: 24 * 86_400_000 }, "trial: it is not from 1000 to 86400000 milliseconds"],
  ["a trial that is no number", { trial: "long" }, "trial: it is not a number"],
  [
    "a host with odd characters",
    { brokers: [{ host: "a b/ü" }] },
    "brokers[0].host: it is not a host's name",
  ],
  [
    "a host without end",
    { brokers: [{ host: "a".repeat(254) }] },
    "brokers[0].host: it is not a host's name",
  ],
  [
    "a Wi-Fi name without end",
    { wifi: { ssid: "ü".repeat(17) } },
    "wifi.ssid: it is not a name of at most 32 bytes",
  ],
  [
    "a password without end",
    { wifi: { ssid: "a", password: "p".repeat(65) } },
    "wifi.password: it is not one of at most 64",
  ],
])("%s would cost a board, and is refused", (_, given, message) => {
  const { values, configuration } = create();
  expect(() => configuration.change(JSON.stringify(given))).toThrow(message);
  expect(values.size).toBe(0);
});

describe("passwords of brokers, where somebody who is not the owner leads their names elsewhere", () => {
  const BROKERS = [{ host: "mqtt.example", user: "board", password: "secret" }, { host: "10.0.0.2" }];
  const FORGOTTEN = [{ host: "mqtt.example", user: "board" }, { host: "10.0.0.2" }];
  const moves: [string, object][] = [
    ["another Wi-Fi network", { wifi: { ssid: "evil" } }],
    ["other name servers", { dns: ["6.6.6.6"] }],
  ];
  const brokersOf = ({ stored }: Configuration) => (stored as { brokers?: unknown }).brokers;

  /** A board that has started since it was given its brokers. */
  function started(): Configuration {
    const { values, configuration } = create();
    configuration.change(JSON.stringify({ brokers: BROKERS, wifi: { ssid: "field" } }));
    return create(values).configuration;
  }

  test.each(moves)("are forgotten with %s", (_what, move) => {
    for (const by of ["wire", "radio"] as const) {
      const configuration = started();
      configuration.merge(move, by);
      expect(brokersOf(configuration)).toEqual(FORGOTTEN);
    }
  });

  test.each(moves)("stay with %s that the owner gives", (_what, move) => {
    for (const by of ["owner", "order"] as const) {
      const configuration = started();
      configuration.merge(move, by);
      configuration.kept.begin();
      expect(brokersOf(configuration)).toEqual(BROKERS);
    }
  });

  test("stay where they were given since the board started, and not where that was refused", () => {
    const configuration = started();
    expect(() => configuration.change('{"brokers":[{"host":1}]}')).toThrow();
    configuration.change(JSON.stringify({ wifi: { ssid: "evil" } }));
    expect(brokersOf(configuration)).toEqual(FORGOTTEN);
    configuration.change(JSON.stringify({ brokers: BROKERS }));
    configuration.change(JSON.stringify({ wifi: { ssid: "field" } }));
    expect(brokersOf(configuration)).toEqual(BROKERS);
  });

  test("that are compiled in are not sent either", () => {
    const store = createMemoryKeyValue();
    const configuration = new Configuration({
      store,
      config: { ...CONFIG, brokers: BROKERS },
      kinds: ["simulated"],
    });
    configuration.change('{"dns":["6.6.6.6"]}');
    expect(configuration.settings.brokers.map(({ password }) => password)).toEqual([undefined, undefined]);
  });
});
