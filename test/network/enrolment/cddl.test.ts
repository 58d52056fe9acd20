import { describe, expect, test } from "@jest/globals";
import { type CborTagged, type CborValue, decodeCbor } from "../../../agent/cbor/value.js";
import { kidOfKey } from "../../../agent/cose/kid.js";
import { writeSign1 } from "../../../agent/cose/sign1.js";
import { REGISTRY_TYPE } from "../../../network/enrolment/statement.js";
import { signatureChecker } from "../../../node/ports/signer.js";
import { encoded } from "../../agent/cbor/encoded.js";
import { block } from "../../agent/frame/protocol.js";
import { CddlValidator } from "../../support/cddl.js";
import { makeFrame } from "../../support/frames.js";
import {
  alice,
  bob,
  createBook,
  endOf,
  enrolOf,
  idOf,
  keyOf,
  moveOf,
  outcomes,
  proofOf,
  SENSORS,
  START,
  saleOf,
} from "./fleet.js";

const validator = new CddlValidator(block("cddl statements"));
const check = (bytes: Uint8Array) => validator.check("registry-statement", decodeCbor(bytes));

const board = keyOf(1);
const enrol = enrolOf(board, alice);
const [sensor] = SENSORS as [(typeof SENSORS)[number]];
const many = Array.from({ length: 256 }, (_, i) => ({ ...sensor, name: `t${i}` }));
const position = { lat: -47.3769123, lon: 8, alt: 408.25 };
const configurations = Array.from({ length: 64 }, (_, i) => i.toString(16).padStart(16, "0"));

describe("the CDDL of docs/protocol.md takes, and a book enters", () => {
  test.each<[string, readonly Uint8Array[]]>([
    ["an enrolment", [enrol]],
    ["an end", [enrol, endOf(board, alice, enrol)]],
    ["a move", [enrol, moveOf(board, alice, enrol)]],
    ["a sale", [enrol, saleOf(board, alice, bob, enrol)]],
    ["another enrolment", [enrol, enrolOf(board, alice, { previous: idOf(enrol), date: START + 1 })]],
    [
      "a place with all that it may have",
      [enrolOf(board, alice, { place: { site: "ü", name: "r 1", position } })],
    ],
    [
      "the longest place",
      [enrolOf(board, alice, { place: { site: "日".repeat(200), name: "n".repeat(200) } })],
    ],
    ["many sensors and configurations", [enrolOf(board, alice, { sensors: many, configurations })]],
    [
      "decimals",
      [enrolOf(board, alice, { sensors: [{ ...sensor, min: -0.000000001, max: 1e9, cadence: 0.25 }] })],
    ],
  ])("%s", (_name, documents) => {
    for (const document of documents) expect(check(document)).toBeUndefined();
    expect(outcomes(createBook(), ...documents)).toEqual(documents.map(() => "entered"));
  });
});

/** The enrolment with its payload changed, signed again. */
function changed(change: (payload: CborValue[]) => void): Uint8Array {
  const parts = (decodeCbor(enrol) as CborTagged).value as [Uint8Array, CborValue, Uint8Array, Uint8Array];
  const payload = decodeCbor(parts[2]) as CborValue[];
  change(payload);
  return writeSign1(REGISTRY_TYPE, kidOfKey(alice.publicKey, alice), encoded(payload), alice);
}

const set = (at: number, value: CborValue) => (payload: CborValue[]) => {
  payload[at] = value;
};

describe("both refuse", () => {
  test.each<[string, Uint8Array]>([
    ["a frame", makeFrame()],
    ["what a board says of itself", proofOf(board, alice)],
    ["another network's name", changed(set(0, "a b"))],
    ["a kind that there is not", changed(set(1, "sell"))],
    ["another kind's parts", changed(set(1, "end"))],
    ["a key of 65 bytes", changed(set(2, new Uint8Array(65)))],
    ["half an id", changed(set(4, new Uint8Array(16)))],
    ["a date before 1978", changed(set(5, 1000))],
    ["no site", changed(set(6, ["", ""]))],
    ["a place with too much", changed(set(6, ["roof", "", 1, 2, 3, 4]))],
    ["no sensors", changed(set(8, []))],
    ["a sensor without cadence", changed(set(8, [["temperature", "Cel", 0, 1]]))],
    ["a name with a space", changed(set(8, [["a b", "Cel", 0, 1, 1]]))],
    ["half a configuration", changed(set(9, [new Uint8Array(4)]))],
    ["no configuration", changed(set(9, []))],
    ["a part too many", changed((payload) => payload.push(0))],
  ])("%s", (_name, document) => {
    expect(check(document)).toBeDefined();
    expect(outcomes(createBook(), document)).toEqual(["malformed"]);
  });

  test("nothing where nothing is changed", () => expect(changed(() => undefined)).toEqual(enrol));
});

describe("besides the CDDL a book refuses", () => {
  const bad = (given: Parameters<typeof enrolOf>[2]) => () => enrolOf(board, alice, given);
  test.each<[string, () => Uint8Array]>([
    ["a longitude alone", () => changed(set(6, ["roof", "", 1]))],
    ["a place beyond the pole", () => changed(set(6, ["roof", "", 91, 0]))],
    ["a control character", () => changed(set(6, ["ro\nof", ""]))],
    ["a unit that there is not", () => changed(set(8, [["a", "Celsius", 0, 1, 1]]))],
    ["a range without inside", () => changed(set(8, [["a", "Cel", 2, 1, 1]]))],
    ["a cadence of 0", () => changed(set(8, [["a", "Cel", 0, 1, 0]]))],
    [
      "configurations in another order",
      () => changed(set(9, [new Uint8Array(8).fill(1), new Uint8Array(8)])),
    ],
  ])("%s", (_name, document) => expect(outcomes(createBook(), document())).toEqual(["malformed"]));

  test.each([
    ["a tenth decimal place", bad({ sensors: [{ ...sensor, min: 1e-10 }] })],
    ["a number beyond 2^53", bad({ sensors: [{ ...sensor, max: 1e17 }] })],
    ["no number", bad({ sensors: [{ ...sensor, max: Number.NaN }] })],
    ["the same sensor twice", bad({ sensors: [sensor, sensor] })],
    ["too many sensors", bad({ sensors: [...many, sensor] })],
  ])("and nobody can write %s", (_name, write) => expect(write).toThrow());
});

test("a book's ids are hashes of what is said", () => {
  const again = changed(() => undefined);
  const digest = new Uint8Array(32);
  const parts = (decodeCbor(again) as CborTagged).value as [Uint8Array, CborValue, Uint8Array, Uint8Array];
  signatureChecker.sha256(parts[2], digest, 0);
  expect(idOf(enrol)).toEqual(digest);
});
