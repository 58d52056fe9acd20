import { join } from "node:path";
import { beforeEach, expect, test } from "@jest/globals";
import { InputError } from "../../../agent/input-error.js";
import type { Signer } from "../../../agent/ports/signer.js";
import {
  enrolmentsBeside,
  readChain,
  signEnrolment,
  writeChain,
} from "../../../node/provision/enrolment-files.js";
import {
  alice,
  bob,
  didOf,
  endOf,
  enrolOf,
  keyOf,
  kidOf,
  proofOf,
  SENSORS,
  START,
} from "../../network/enrolment/fleet.js";
import { temporaryFolder } from "../../support/cli.js";

const board = keyOf(1);
const kid = kidOf(board);
let folder = "";
beforeEach(() => {
  folder = join(temporaryFolder(), "registry.enrolments");
});

const enrolled = (seconds: number) => new Date(seconds * 1000).toISOString();
const DEVICE = {
  did: didOf(board),
  site: "roof",
  name: "roof 1",
  position: { lat: 47.123456789, lon: 8, alt: 408.125 },
  enrolled: enrolled(START),
  sensors: SENSORS,
  configurations: ["c0f1c0f1c0f1c0f1"],
};
const sign = (more: Partial<typeof DEVICE> = {}, owner: Signer = alice, proof = proofOf(board, owner)) =>
  signEnrolment({ folder, network: "demo", device: { ...DEVICE, ...more }, kid, proof, owner });
const kinds = (file: string) => readChain(file).device.entries.map(({ kind, date }) => [kind, date]);

test("a folder beside the registry file", () => {
  expect(enrolmentsBeside("/a/registry.json")).toBe("/a/registry.enrolments");
});

test("nothing is written before it is asked for, and nothing new is signed where all is said", () => {
  const signed = sign();
  expect(() => readChain(join(folder, `${kid}.enrolment`))).toThrow("ENOENT");
  const file = signed?.write() ?? "";
  expect(kinds(file)).toEqual([["enrol", START]]);
  expect(readChain(file).device.place.position).toEqual({ lat: 47.1234568, lon: 8, alt: 408.13 });
  sign({ enrolled: enrolled(START + 500) })?.write();
  expect(kinds(file)).toEqual([["enrol", START]]);
});

test("other sensors, another configuration, or a device that was ended, are a further statement", () => {
  const file = sign()?.write() ?? "";
  sign({ enrolled: enrolled(START - 5), configurations: ["0000000000000001"] })?.write();
  sign({ enrolled: enrolled(START + 9), sensors: [{ ...SENSORS[0], max: 60 }] as typeof SENSORS })?.write();
  expect(kinds(file)).toEqual([
    ["enrol", START],
    ["enrol", START + 1],
    ["enrol", START + 9],
  ]);
  const enrol = enrolOf(board, alice);
  writeChain(file, [enrol, endOf(board, alice, enrol, { date: START + 1 })]);
  sign()?.write();
  expect(kinds(file)).toEqual([
    ["enrol", START],
    ["end", START + 1],
    ["enrol", START + 2],
  ]);
});

test("another owner's device, or one that did not prove itself to this owner, is not signed for", () => {
  expect(sign({}, alice, proofOf(board, bob))).toBeUndefined();
  const file = sign()?.write() ?? "";
  expect(() => sign({}, bob)).toThrow(InputError);
  expect(() => sign({}, bob)).toThrow("which is another key");
  expect(kinds(file)).toHaveLength(1);
});

test("a file with anything else in it is named", () => {
  const file = sign()?.write() ?? "";
  const [good] = readChain(file).documents as [Uint8Array];
  for (const documents of [[good, Uint8Array.of(1)], [good, good], [good, enrolOf(keyOf(2), alice)], []]) {
    writeChain(file, documents);
    expect(() => readChain(file)).toThrow(InputError);
    expect(() => readChain(file)).toThrow(file);
  }
});
