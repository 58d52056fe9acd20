import { describe, expect, test } from "@jest/globals";
import { enrolledSensors } from "../../../provision/site/ranges.js";
import { settingsOf, wifiPassword } from "../../../provision/site/settings.js";
import { parseSite } from "../../../provision/site/site.js";

const SITE = `
[site]
name = "roof"
network = "demo"
[wifi]
ssid = "field"
password_file = "wifi.txt"
[[brokers]]
host = "10.0.0.2"
user = "board"
password_file = "broker.txt"
[[sensors]]
kind = "bme280"
interval = 60
heartbeat = 600
[[sensors.channels]]
property = "thermometer.temperature"
name = "temperature"
unit = "Cel"
digits = 1
min = -30
max = 50
[settings]
readings = 8
`;
const FILES: Readonly<Record<string, string>> = { "wifi.txt": "geheim\r\nmore", "broker.txt": "hush\n" };
const read = async (name: string) => (name in FILES ? Buffer.from(FILES[name] as string) : undefined);

test("a site file gives the settings of its boards, with secrets from their files", async () => {
  const site = parseSite(SITE);
  expect(await settingsOf(site, read)).toEqual({
    network: "demo",
    readings: 8,
    brokers: [{ host: "10.0.0.2", user: "board", password: "hush" }],
    sensors: [
      {
        kind: "bme280",
        interval: 60_000,
        heartbeat: 600_000,
        channels: [{ property: "thermometer.temperature", name: "temperature", unit: "Cel", digits: 1 }],
      },
    ],
  });
  expect(await wifiPassword(site, read)).toBe("geheim");
});

test("what is believed goes into the registry: from the site file, or what may be on Earth", () => {
  const measured = [
    { name: "temperature", unit: "Cel", interval: 60_000 },
    { name: "pressure", unit: "Pa", interval: 60_000 },
  ];
  expect(enrolledSensors(measured, parseSite(SITE))).toEqual([
    { name: "temperature", unit: "Cel", min: -30, max: 50, cadence: 60 },
    { name: "pressure", unit: "Pa", min: 30_000, max: 110_000, cadence: 60 },
  ]);
});

describe("a site file that is wrong gets an error that shows no secret", () => {
  const table: [string, string, string][] = [
    ["no TOML", '[wifi]\nssid = "x\npassword = "very-secret"', "not TOML in line 2"],
    [
      "a password in it",
      '[site]\nname="a"\nnetwork="b"\n[wifi]\nssid="x"\npassword="very-secret"',
      "password_file",
    ],
    ["a setting that there is not", `${SITE}\n[nonsense]\na=1`, "nonsense"],
    ["no network", '[site]\nname="a"', "site.network"],
    [
      "a port out of range",
      '[site]\nname="a"\nnetwork="b"\n[[brokers]]\nhost="h"\nport=70000',
      "brokers.0.port",
    ],
  ];
  test.each(table)("%s", (_name, toml, said) => {
    expect(() => parseSite(toml)).toThrow(said);
    expect(() => parseSite(toml)).not.toThrow("very-secret");
  });

  test("a file that is missing", async () => {
    await expect(settingsOf(parseSite(SITE), async () => undefined)).rejects.toThrow(
      "broker.txt: there is no such file",
    );
  });
});
