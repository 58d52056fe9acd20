import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "@jest/globals";
import { hex } from "../../../agent/cose/kid.js";
import { didOfKey } from "../../../agent/frame/identity.js";
import { InputError } from "../../../agent/input-error.js";
import { createRegistry } from "../../../network/verify/registry.js";
import { loadRegistry } from "../../../node/network/registry-file.js";
import { createSigner, keyReader, uncompressedKey } from "../../../node/ports/signer.js";
import { testKid, testSigner } from "../../support/frames.js";
import { TEST_REGISTRY, testDid } from "../../support/judge-harness.js";

const folder = mkdtempSync(join(tmpdir(), "fieldmark-registry-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const [DEVICE] = TEST_REGISTRY.devices as [(typeof TEST_REGISTRY.devices)[number]];
const [SENSOR] = DEVICE.sensors as [(typeof DEVICE.sensors)[number]];
const other = didOfKey(createSigner(new Uint8Array(32).fill(2)).publicKey);

test("a good file: devices by kid, with a key that needs no square root, and their sensors by name", () => {
  const json = { ...TEST_REGISTRY, devices: [DEVICE, { ...DEVICE, did: other, site: "cellar" }] };
  const registry = loadRegistry(file("good.json", JSON.stringify(json)));
  expect([registry.network, registry.size]).toEqual(["demo", 2]);
  const device = registry.device(hex(testKid));
  expect(device).toMatchObject({
    did: testDid,
    site: "roof",
    publicKey: uncompressedKey(testSigner.publicKey),
  });
  expect([...(device?.sensors ?? [])]).toEqual(DEVICE.sensors.map((sensor) => [sensor.name, sensor]));
  expect(registry.device("00".repeat(8))).toBeUndefined();
});

test("a registry without devices is one", () => {
  expect(createRegistry({ network: "demo", devices: [] }, keyReader, "r").size).toBe(0);
});

test("bounds may be the same, and intervals may be fractions", () => {
  const sensors = [{ ...SENSOR, min: 5, max: 5, cadence: 0.25 }];
  expect(createRegistry({ network: "n", devices: [{ ...DEVICE, sensors }] }, keyReader, "r").size).toBe(1);
});

describe("a mistake is named with its place", () => {
  const device = (more: object) => ({
    ...TEST_REGISTRY,
    devices: [
      { ...DEVICE, did: other },
      { ...DEVICE, ...more },
    ],
  });
  const sensor = (more: object) => device({ sensors: [SENSOR, { ...SENSOR, name: "b", ...more }] });
  const without = (key: string, from: object) =>
    Object.fromEntries(Object.entries(from).filter(([k]) => k !== key));
  /** A did:key of an Ed25519 key, and one of secp256k1 that is no point. */
  const ed25519 = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK";
  const noPoint = didOfKey(Uint8Array.of(2, ...new Uint8Array(32).fill(255)));

  test.each<{ name: string; json: unknown; says: string[] }>([
    { name: "no object", json: 5, says: ["r: the whole:"] },
    { name: "null", json: null, says: ["r: the whole:"] },
    { name: "no network", json: without("network", TEST_REGISTRY), says: ["r: network:"] },
    {
      name: "a bad network",
      json: { ...TEST_REGISTRY, network: "a/b" },
      says: ["r: network: not a network name"],
    },
    { name: "no devices", json: without("devices", TEST_REGISTRY), says: ["r: devices:"] },
    { name: "an unknown member", json: { ...TEST_REGISTRY, extra: 1 }, says: ["r: the whole:", "extra"] },
    { name: "an unknown member of a device", json: device({ note: 1 }), says: ["r: devices.1:", "note"] },
    { name: "no did", json: device({ did: undefined }), says: ["r: devices.1.did:"] },
    {
      name: "a did of another method",
      json: device({ did: "did:web:x" }),
      says: ["r: devices.1.did:", "did:web:x"],
    },
    {
      name: "a did with a wrong letter",
      json: device({ did: "did:key:z0" }),
      says: ["devices.1.did:", "base58"],
    },
    {
      name: "a did of another curve",
      json: device({ did: ed25519 }),
      says: ["devices.1.did:", "not a secp256k1 key"],
    },
    {
      name: "a did that is no point",
      json: device({ did: noPoint }),
      says: ["devices.1.did:", "not a point"],
    },
    { name: "a did cut short", json: device({ did: testDid.slice(0, -1) }), says: ["devices.1.did:"] },
    { name: "the same did twice", json: device({ did: other }), says: ["devices.1.did: enrolled twice"] },
    { name: "no site", json: device({ site: 5 }), says: ["r: devices.1.site:"] },
    { name: "no sensors", json: device({ sensors: [] }), says: ["r: devices.1.sensors:"] },
    {
      name: "a bad name",
      json: sensor({ name: "-x" }),
      says: ["devices.1.sensors.1.name: not a SenML name"],
    },
    {
      name: "a bad unit",
      json: sensor({ unit: "Celsius" }),
      says: ["devices.1.sensors.1.unit: not in the SenML units"],
    },
    { name: "min above max", json: sensor({ min: 86 }), says: ["devices.1.sensors.1: min is above max"] },
    { name: "a bound that is text", json: sensor({ max: "85" }), says: ["devices.1.sensors.1.max:"] },
    {
      name: "a bound that is no number",
      json: sensor({ min: Number.NaN }),
      says: ["devices.1.sensors.1.min:"],
    },
    {
      name: "a bound without end",
      json: sensor({ max: Number.POSITIVE_INFINITY }),
      says: ["devices.1.sensors.1.max:"],
    },
    { name: "a cadence of 0", json: sensor({ cadence: 0 }), says: ["devices.1.sensors.1.cadence:"] },
    {
      name: "an unknown member of a sensor",
      json: sensor({ unti: 1 }),
      says: ["devices.1.sensors.1:", "unti"],
    },
  ])("$name", ({ json, says }) => {
    const create = () => createRegistry(json, keyReader, "r");
    expect(create).toThrow(InputError);
    for (const part of says) expect(create).toThrow(part);
  });

  test("a file that is not JSON is named", () => {
    const path = file("bad.json", "{network");
    expect(() => loadRegistry(path)).toThrow(InputError);
    expect(() => loadRegistry(path)).toThrow(`registry ${path} is not JSON`);
  });

  test("a file with a mistake is named", () => {
    const path = file("mistake.json", "{}");
    expect(() => loadRegistry(path)).toThrow(`registry ${path}: network:`);
  });

  test("a file that is not there is the file system's error", () => {
    expect(() => loadRegistry(join(folder, "none.json"))).toThrow(
      expect.objectContaining({ code: "ENOENT" }),
    );
  });
});
