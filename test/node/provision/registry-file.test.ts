import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { didOfKey } from "../../../agent/frame/identity.js";
import { loadRegistry } from "../../../node/network/registry-file.js";
import { createSigner, newPrivateKey } from "../../../node/ports/signer.js";
import { register } from "../../../node/provision/registry-file.js";
import { temporaryFolder } from "../../support/cli.js";

const folder = temporaryFolder();
const path = join(folder, "registry.json");
const sensors = [{ name: "temperature", unit: "Cel", min: -40, max: 60, cadence: 10 }];
const device = () => ({ did: didOfKey(createSigner(newPrivateKey()).publicKey), site: "roof", sensors });

test("devices are added to a file that verifiers read, each once", () => {
  const [first, second] = [device(), device()];
  expect(register(path, "demo", first)).toBe(true);
  expect(register(path, "demo", second)).toBe(true);
  expect(register(path, "demo", first)).toBe(false);
  expect(loadRegistry(path).size).toBe(2);
  const before = readFileSync(path, "utf8");
  expect(() => register(path, "demo", { ...first, site: "cellar" })).toThrow('at site "roof"');
  expect(() => register(path, "other", device())).toThrow('of network "demo"');
  expect(() => register(path, "demo", { ...device(), did: "did:key:zwrong" })).toThrow("did");
  expect(readFileSync(path, "utf8")).toBe(before);
});

test("a file that is something else is left as it is", () => {
  const other = join(folder, "other.json");
  writeFileSync(other, '{"secret": 1}');
  expect(() => register(other, "demo", device())).toThrow("other.json");
  expect(readFileSync(other, "utf8")).toBe('{"secret": 1}');
});

test("of a device whose sensors were configured in another way, both ways are enrolled", () => {
  const enrolled = { ...device(), configurations: ["c0f1c0f1c0f1c0f1"] };
  const changed = { ...enrolled, configurations: ["0ddba110ddba1100"] };
  expect(
    ["new", "changed", "changed"].map((which) =>
      register(path, "demo", which === "new" ? enrolled : changed),
    ),
  ).toEqual([true, true, false]);
  const { devices } = JSON.parse(readFileSync(path, "utf8"));
  expect(devices.at(-1).configurations).toEqual(["c0f1c0f1c0f1c0f1", "0ddba110ddba1100"]);
});
