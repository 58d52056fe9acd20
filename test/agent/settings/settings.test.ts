import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { InputError } from "../../../agent/input-error.js";
import { checkCertificateForm } from "../../../agent/settings/certificate-form.js";
import { createSettings, parseSettings } from "../../../agent/settings/settings.js";
import { createIssuer } from "../../support/certificates.js";
import { temporaryFolder } from "../../support/cli.js";

beforeAll(() => {
  // XS has it; Node 20 has not.
  const fromBase64 = (text: string) => new Uint8Array(Buffer.from(text, "base64"));
  Object.assign(Uint8Array, { fromBase64 });
});

const CONFIG = {
  network: "demo",
  brokers: [{ host: "a" }],
  dns: [],
  sensors: [
    { kind: "simulated", interval: 1000, channels: [{ property: "t", name: "t", unit: "Cel", digits: 1 }] },
  ],
  readings: 4,
  age: 30_000,
  copies: 2,
  acknowledgements: 2,
  window: 16,
  order: "oldest",
  absent: 3_600_000,
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
    discover: false,
    keep: "brokers",
    trial: 600_000,
  });
});

const channels = (channel: unknown) => ({ sensors: [{ kind: "x", interval: 1, channels: [channel] }] });

test.each<[string, object, string]>([
  ["no network", { network: "" }, "network: "],
  ["a network that is no text", { network: 7 }, "network: a value of type number is not a text"],
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
  ["a window beyond all RAM", { window: 1e8 }, "window: 100000000 is not a whole number"],
  ["a channel that is null", channels(null), "sensors[0].channels[0]: null is not an object"],
  ["a channel without a property", channels({ name: "t" }), "sensors[0].channels[0].property: undefined"],
  [
    "a channel without a unit",
    channels({ property: "t", name: "t" }),
    "sensors[0].channels[0].unit: undefined",
  ],
  ["a discovery that is none", { discover: true }, 'discover: true is not false, "tls" or "any"'],
  ["a discovery that is an object", { discover: { tls: true } }, "discover: "],
  ["discovery by TLS without a certificate", { discover: "tls" }, "discover: tls needs a certificate: "],
  [
    "a certificate for discovery that is none",
    { discover: "any", discoverCertificate: "AAAA" },
    "discoverCertificate: not one certificate",
  ],
  ["no readings", { readings: null }, "readings: null is not a number"],
])("%s is refused by name", (_, overrides, said) => {
  expect(() => createSettings(CONFIG, overrides)).toThrow(InputError);
  expect(() => createSettings(CONFIG, overrides)).toThrow(said);
});

test.each<[string, object, string]>([
  [
    "a broker",
    { brokers: [{ host: "a", prot: 1 }] },
    "brokers[0].prot: there is no such setting; there are host, port",
  ],
  ["a sensor", { sensors: [{ ...CONFIG.sensors[0], intervall: 1 }] }, "sensors[0].intervall: "],
  [
    "a channel",
    channels({ property: "t", name: "t", unit: "Cel", digits: 1, dead: 1 }),
    "sensors[0].channels[0].dead: ",
  ],
  ["the back-off", { backoff: { min: 1, max: 2, jitter: 1 } }, "backoff.jitter: "],
])("a name of %s that is no setting is refused", (_, overrides, said) => {
  expect(() => createSettings(CONFIG, overrides)).toThrow(InputError);
  expect(() => createSettings(CONFIG, overrides)).toThrow(said);
});

test("at the top, too, with what the platform has besides", () => {
  const json = '{"copies": 1, "copis": 2}';
  expect(() => parseSettings("settings.json", json)).toThrow(
    /^copis: there is no such setting; there are network/,
  );
  expect(parseSettings("settings.json", json, ["copis"])).toEqual({ copies: 1, copis: 2 });
});

describe("a broker's certificate", () => {
  const pem = readFileSync(
    createIssuer(temporaryFolder())("broker", { isAuthority: true, names: "IP:1.2.3.4" }).certificate,
    "utf8",
  );
  const base64 = pem.replace(/-----.*-----|\s/g, "");
  const der = Buffer.from(base64, "base64");
  const read = (certificate: string) =>
    createSettings(CONFIG, { brokers: [{ host: "a", certificate }] }).brokers[0];

  test.each([
    ["in PEM", pem],
    ["in base64 of its DER", base64],
  ])("%s is taken, and the port is that of TLS", (_, given) => {
    expect(read(given)).toEqual({ host: "a", port: 8883, certificate: new Uint8Array(der) });
  });

  test.each([
    ["a key", "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----", "something else in PEM"],
    ["two of them", `${pem}${pem}`, "more follows"],
    ["one without an end", pem.slice(0, 200), "its end is missing"],
    ["one cut short", der.subarray(0, -1).toString("base64"), "damaged"],
    [
      "one with a byte after it",
      Buffer.concat([der, Buffer.of(0)]).toString("base64"),
      "no certificate in DER",
    ],
    ["a list of numbers", Buffer.of(0x30, 3, 2, 1, 1).toString("base64"), "no X.509 certificate"],
    ["a length within that is too long", spoilt(der, 0x80), "damaged"],
  ])("%s is refused by its setting", (_, given, said) => {
    expect(() => read(given)).toThrow(/^brokers\[0\]\.certificate: not one certificate/);
    expect(() => read(given)).toThrow(said);
  });

  test("whatever one byte of it becomes, it is taken or refused, and no more", () => {
    for (let at = 0; at < der.length; at++) {
      const changed = Buffer.from(der);
      changed[at] = (changed[at] as number) ^ 0x81;
      try {
        checkCertificateForm(changed);
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
      }
    }
  });

  describe("for brokers that are discovered", () => {
    const issue = createIssuer(temporaryFolder());
    const other = readFileSync(
      issue("other", { isAuthority: true, names: "IP:1.2.3.5" }).certificate,
      "utf8",
    );
    const discovered = (overrides: object) => {
      const { discover, discoverCertificate } = createSettings(CONFIG, overrides);
      return { discover, certificate: discoverCertificate };
    };
    const broker = (certificate: string) => ({ host: "a", certificate });

    test.each<[string, object, "tls" | "any" | false, boolean]>([
      ["is its own setting", { discover: "tls", discoverCertificate: pem }, "tls", true],
      ["is that of the brokers", { discover: "tls", brokers: [broker(pem), { host: "b" }] }, "tls", true],
      ["is the one of all brokers", { discover: "any", brokers: [broker(pem), broker(base64)] }, "any", true],
      [
        "is its own setting before theirs",
        { discover: "tls", brokers: [broker(other)], discoverCertificate: pem },
        "tls",
        true,
      ],
      ["is none of several", { discover: "any", brokers: [broker(pem), broker(other)] }, "any", false],
      ["is not needed for any", { discover: "any" }, "any", false],
      ["is not kept where nothing is discovered", { brokers: [broker(pem)] }, false, false],
    ])("%s", (_, overrides, discover, isThere) => {
      const certificate = isThere ? new Uint8Array(der) : undefined;
      expect(discovered(overrides)).toEqual({ discover, certificate });
    });

    test("is missing where brokers have several", () => {
      expect(() => discovered({ discover: "tls", brokers: [broker(pem), broker(other)] })).toThrow(
        /^discover: tls needs a certificate/,
      );
    });
  });

  /** The length of the serial number, the first element of fixed place after the version, made another one. */
  function spoilt(certificate: Buffer, length: number): string {
    const changed = Buffer.from(certificate);
    const serial = changed.indexOf(Buffer.of(0xa0, 3, 2, 1, 2, 2)) + 6;
    changed[serial] = length;
    return changed.toString("base64");
  }
});

test.each([
  ["a trailing comma", '{"copies": 1,}', /^settings.json: not JSON/],
  ["null", "null", /^settings.json: null is not an object/],
  ["a list", "[1]", /^settings.json: a list is not a JSON object/],
  ["a text", '"x"', /^settings.json: x is not an object/],
])("%s is refused by its source", (_, json, said) => {
  expect(() => parseSettings("settings.json", json)).toThrow(said);
});
