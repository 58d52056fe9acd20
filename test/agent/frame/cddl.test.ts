import { describe, expect, test } from "@jest/globals";
import { type CborKey, CborTagged, type CborValue, decodeCbor } from "../../../agent/cbor/value.js";
import { CddlValidator } from "../../support/cddl.js";
import { makeFrame, reading } from "../../support/frames.js";
import { encoded } from "../cbor/encoded.js";
import { GOLDEN_BYTES } from "./golden.js";
import { block } from "./protocol.js";

const validator = new CddlValidator(block("cddl"));
const check = (bytes: Uint8Array) => validator.check("frame", decodeCbor(bytes));

const ranges = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ boot: 1, first: 9 * i, last: 9 * i }));

describe("the CDDL of docs/protocol.md takes", () => {
  const real: [string, Uint8Array][] = [
    ["the golden frame", GOLDEN_BYTES],
    ["clock unset", makeFrame([reading()], { clock: 0 })],
    ["clock kept", makeFrame([reading()], { clock: 1 })],
    ["clock set", makeFrame([reading()], { clock: 2 })],
    ["an integer", makeFrame([reading("count", "count", -3, 0)])],
    [
      "the largest numbers",
      makeFrame([reading("a", "m", 2 ** 53 - 1, -9), reading("a", "m", 1 - 2 ** 53, 0)]),
    ],
    ["large counters", makeFrame([reading()], { boot: 2 ** 53 - 1, sequence: 2 ** 33, uptime: 2 ** 40 })],
    ["one range dropped", makeFrame([reading()], { boot: 2, dropped: ranges(1) })],
    ["one range dropped, later", makeFrame([reading()], { boot: 2, sequence: 9, dropped: ranges(1) })],
    ["second of a boot", makeFrame([reading()], { sequence: 1 })],
    ["16 ranges dropped", makeFrame([reading()], { boot: 2, dropped: ranges(16) })],
    ["ages", makeFrame([0, 1, 10, 100, 1000, 86_400_000].map((age) => reading("a", "m", 1, 0, age)))],
    ["many sensors", makeFrame(["a", "b/c", "d:e", "f_g"].map((name) => reading(name, `${name}2`)))],
    ["500 readings", makeFrame(Array.from({ length: 500 }, (_, i) => reading("a", "m", i, 0)))],
    ["the longest names", makeFrame([reading("n".repeat(64))], {}, { network: "n".repeat(64) })],
  ];
  test.each(real)("%s", (_name, bytes) => expect(check(bytes)).toBeUndefined());
});

/** The golden frame taken apart, to be changed and put together again. */
interface Parts {
  tag: number;
  header: Map<CborKey, CborValue>;
  chain: CborValue[];
  unprotected: CborValue;
  pack: Map<CborKey, CborValue>[];
  signature: CborValue;
  more: CborValue[];
}

function changed(change: (parts: Parts) => void): Uint8Array {
  const { tag, value } = decodeCbor(GOLDEN_BYTES) as CborTagged;
  const [protectedHeader, unprotected, payload, signature] = value as [
    Uint8Array,
    CborValue,
    Uint8Array,
    CborValue,
  ];
  const header = decodeCbor(protectedHeader) as Map<CborKey, CborValue>;
  const chain = header.get(-65537) as CborValue[];
  const pack = decodeCbor(payload) as Map<CborKey, CborValue>[];
  const parts: Parts = { tag, header, chain, unprotected, pack, signature, more: [] };
  change(parts);
  const { header: newHeader, pack: newPack, more } = parts;
  return encoded(
    new CborTagged(parts.tag, [
      encoded(newHeader),
      parts.unprotected,
      encoded(newPack),
      parts.signature,
      ...more,
    ]),
  );
}

const record = (parts: Parts, index: number) => parts.pack[index] as Map<CborKey, CborValue>;
const decimal = (exponent: number, mantissa: number) => new CborTagged(4, [exponent, mantissa]);

describe("the CDDL refuses", () => {
  const wrong: [name: string, rule: string, change: (parts: Parts) => void][] = [
    ["another tag", "frame", (p) => (p.tag = 4)],
    ["a fifth part", "cose-sign1", (p) => p.more.push(0)],
    ["a signature of 63 bytes", "cose-sign1", (p) => (p.signature = new Uint8Array(63))],
    ["a signature as text", "cose-sign1", (p) => (p.signature = "s".repeat(64))],
    ["something unprotected", "no-header", (p) => (p.unprotected = new Map([[4, 0]]))],
    ["an unprotected header that is no map", "no-header", (p) => (p.unprotected = [])],
    ["no kid", "protected-header", (p) => p.header.delete(4)],
    ["a header too many", "protected-header", (p) => p.header.set(5, 0)],
    ["another alg", "es256k", (p) => p.header.set(1, -7)],
    ["another content type", "senml-cbor", (p) => p.header.set(3, 110)],
    ["a kid of 9 bytes", "protected-header", (p) => p.header.set(4, new Uint8Array(9))],
    ["no network", "claims", (p) => p.header.set(15, new Map())],
    ["another claim too", "claims", (p) => (p.header.get(15) as Map<CborKey, CborValue>).set(1, "a")],
    ["a network with a slash", "network-name", (p) => p.header.set(15, new Map([[3, "a/b"]]))],
    ["a network of 65 letters", "network-name", (p) => p.header.set(15, new Map([[3, "n".repeat(65)]]))],
    ["a chain of 4", "chain-parts", (p) => p.chain.pop()],
    ["a chain of 7", "chain-parts", (p) => p.chain.push([[1, 0, 0]], 0)],
    ["a negative boot", "counter", (p) => (p.chain[0] = -1)],
    ["a prev of 15 bytes", "chain-parts", (p) => (p.chain[2] = new Uint8Array(15))],
    ["a configuration of 7 bytes", "dropped-ranges", (p) => p.chain.push(new Uint8Array(7))],
    ["a configuration after the dropped", "chain-parts", (p) => p.chain.push([[1, 0, 0]], new Uint8Array(8))],
    ["a clock of 3", "clock-state", (p) => (p.chain[4] = 3)],
    ["an empty list of dropped ranges", "dropped-ranges", (p) => p.chain.push([])],
    ["17 dropped ranges", "dropped-ranges", (p) => p.chain.push(Array.from({ length: 17 }, () => [1, 0, 0]))],
    ["a dropped range of 2", "dropped-range", (p) => p.chain.push([[1, 0]])],
    ["no records", "pack", (p) => (p.pack.length = 0)],
    ["a record without a value", "record", (p) => record(p, 1).delete(2)],
    ["a label that is not used", "record", (p) => record(p, 1).set(5, 0)],
    ["a base time in the second record", "record", (p) => record(p, 1).set(-3, 1795000000)],
    ["a first record without a name", "first-record", (p) => record(p, 0).delete(-2)],
    ["a first record without a unit", "first-record", (p) => record(p, 0).delete(-4)],
    ["a value as text", "decimal-value", (p) => record(p, 1).set(2, "1").delete(6)],
    ["a value in another tag", "decimal-value", (p) => record(p, 1).set(2, new CborTagged(18, [-1, 1]))],
    ["a value of exponent 0", "decimal-parts", (p) => record(p, 1).set(2, decimal(0, 1))],
    ["a value of exponent -10", "decimal-parts", (p) => record(p, 1).set(2, decimal(-10, 1))],
    ["a value of 3 parts", "decimal-parts", (p) => record(p, 1).set(2, new CborTagged(4, [-1, 1, 1]))],
    ["a mantissa as text", "safe-integer", (p) => record(p, 1).set(2, new CborTagged(4, [-1, "1"]))],
    ["a time of 0", "before-base-time", (p) => record(p, 1).set(6, 0)],
    ["a time of -2^28", "before-base-time", (p) => record(p, 1).set(6, -(2 ** 28))],
    ["a time after the base time", "time-parts", (p) => record(p, 1).set(6, decimal(-1, 15))],
    ["a time in tenths of milliseconds", "time-parts", (p) => record(p, 1).set(6, decimal(-4, -15))],
    ["a name with a space", "senml-name", (p) => record(p, 2).set(-2, "a b")],
    ["a base time of 2^28 - 1", "unix-seconds", (p) => record(p, 0).set(-3, 2 ** 28 - 1)],
    ["an empty unit", "senml-unit", (p) => record(p, 2).set(-4, "")],
  ];

  test("nothing where nothing is changed", () => {
    expect(changed(() => undefined)).toEqual(GOLDEN_BYTES);
  });

  test.each(wrong)("%s", (_name, rule, change) => {
    expect(check(changed((parts) => void change(parts)))?.rule).toBe(rule);
  });

  test("something by each of its rules, but for the keys' numbers", () => {
    const keys = ["alg", "content-type", "kid", "cwt-claims", "chain", "aud", "v", "t", "bn", "bt", "bu"];
    const refusing = new Set(wrong.map(([, rule]) => rule));
    const all = [...validator.rules.keys()];
    const ofFrames = all.slice(0, all.indexOf("witness-receipt")); // test/agent/receipt has those behind it
    expect(ofFrames.filter((rule) => !refusing.has(rule))).toEqual(keys.sort(inOrder));

    function inOrder(a: string, b: string): number {
      const rules = [...validator.rules.keys()];
      return rules.indexOf(a) - rules.indexOf(b);
    }
  });
});

describe("the validator", () => {
  test.each([
    ["a rule that is not there", "a = b"],
    ["a type that it does not know", "a = float"],
    ["a control operator that it does not know", "a = tstr .default 1"],
    ["a range without its end", "a = 0...2"],
  ])("throws for %s, lest something pass unchecked", (_name, cddl) => {
    expect(() => new CddlValidator(cddl).check("a", "text")).toThrow(/^CDDL: /);
  });
});
