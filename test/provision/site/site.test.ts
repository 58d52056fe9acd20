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

const PLACE = '[site]\nname="a"\nnetwork="b"\n';
const BROKER = `${PLACE}[[brokers]]\nhost="h"\n`;

describe("a site file that is wrong gets an error that shows no secret", () => {
  const table: [string, string, string][] = [
    ["no TOML", '[wifi]\nssid = "x\npassword = "very-secret"', "not TOML in line 2"],
    [
      "a password in it",
      '[site]\nname="a"\nnetwork="b"\n[wifi]\nssid="x"\npassword="very-secret"',
      "password_file",
    ],
    [
      "a table that there is not",
      `${SITE}\n[nonsense]\na=1`,
      "the file knows no nonsense, but site, wifi, brokers, sensors, settings, firmware, owner, batch",
    ],
    ["a member that there is not", `${PLACE}[wifi]\nssid="x"\nhiden=true`, "wifi knows no hiden, but ssid,"],
    ["nothing", "", "site is missing; for instance  [site] with"],
    ["no network", '[site]\nname="a"', 'site.network is missing; for instance  network = "demo"'],
    ["a network that is a number", '[site]\nname="a"\nnetwork=7', "site.network is not text"],
    [
      "a network with a space",
      '[site]\nname="a"\nnetwork="very-secret b"',
      "site.network is not 1 to 64 letters",
    ],
    [
      "an empty name",
      '[site]\nname=""\nnetwork="b"',
      'site.name is empty; for instance  name = "roof north"',
    ],
    ["a port out of range", `${BROKER}port=70000`, "brokers #1.port is not a whole number from 1 to 65535"],
    ["a port in quotation marks", `${BROKER}port="very-secret"`, "brokers #1.port is not a whole number"],
    [
      "a second broker without host",
      `${BROKER}[[brokers]]\nport=1`,
      'brokers #2.host is missing; for instance  host = "10',
    ],
    [
      "a table where there is a list",
      `${PLACE}[brokers]\nhost="h"`,
      "brokers is not a list of tables, each under [[brokers]]",
    ],
    [
      "a flag in quotation marks",
      `${PLACE}[wifi]\nssid="x"\nhidden="yes"`,
      "wifi.hidden is not true or false",
    ],
    [
      "an interval of 0",
      `${PLACE}[[sensors]]\nkind="k"\ninterval=0`,
      "sensors #1.interval is not a number above 0",
    ],
    [
      "a signer that is none",
      `${PLACE}[firmware]\nbundle="b"\nsigner="me"`,
      "firmware.signer is not the did:key",
    ],
    [
      "a port with a password",
      `${PLACE}[batch]\nports=["a", "rfc2217://me:very-secret@h:1"]`,
      "batch.ports #2 is not a serial port, or rfc2217://host:port",
    ],
  ];
  test.each(table)("%s", (_name, toml, said) => {
    expect(() => parseSite(toml)).toThrow(said);
    expect(() => parseSite(toml)).not.toThrow(/very-secret|expected|[Ii]nvalid/);
  });

  test("a file that is missing", async () => {
    await expect(settingsOf(parseSite(SITE), async () => undefined)).rejects.toThrow(
      "broker.txt: there is no such file",
    );
  });
});
