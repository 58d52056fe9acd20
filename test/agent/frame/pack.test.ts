import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { type CborTagged, type CborValue, decodeCbor } from "../../../agent/cbor/value.js";
import { type Reading, Readings } from "../../../agent/frame/pack.js";
import { type Frame, parseFrame } from "../../../agent/frame/parse.js";
import { makeFrame, reading, type TestReading } from "../../support/frames.js";
import { runs } from "../../support/runs.js";
import { createPrng, hostileInput } from "./mutate.js";

/** Without a trailing zero, as it comes back. */
const decimal = fc
  .tuple(fc.integer({ min: -(2 ** 47), max: 2 ** 47 }), fc.integer({ min: -9, max: 0 }))
  .map(([mantissa, exponent]) =>
    mantissa === 0 || mantissa % 10 === 0 ? [mantissa, 0] : [mantissa, exponent],
  ) as fc.Arbitrary<[number, number]>;
const readings: fc.Arbitrary<TestReading[]> = fc.array(
  fc
    .tuple(
      fc.constantFrom("a", "temperature", "b-1"),
      fc.constantFrom("m", "Cel", "%RH"),
      decimal,
      fc.constantFrom(0, 0, 1, 250, 1000, 86_400_000),
    )
    .map(([name, unit, [mantissa, exponent], age]) => reading(name, unit, mantissa, exponent, age)),
  { minLength: 1, maxLength: 60 },
);
const headers = fc.constantFrom({ clock: 0 as const }, { clock: 1 as const }, { clock: 2 as const });

/** All of the pack by the decoder of any CBOR, an object a reading: a second way to the same. */
function decoded({ bytes }: Frame): Reading[] {
  const [, , payload] = (decodeCbor(bytes) as CborTagged).value as CborValue[];
  let name = "";
  let unit = "";
  return (decodeCbor(payload as Uint8Array) as Map<number, CborValue>[]).map((record) => {
    name = (record.get(-2) as string | undefined) ?? name;
    unit = (record.get(-4) as string | undefined) ?? unit;
    const time = decimalOf(record.get(6) ?? 0);
    const age = Math.abs(time.mantissa * 10 ** (3 + time.exponent));
    return { name, unit, ...decimalOf(record.get(2) as CborValue), age };
  });
}

function decimalOf(value: CborValue) {
  if (typeof value === "number") return { mantissa: value, exponent: 0 };
  const [exponent, mantissa] = (value as CborTagged).value as [number, number];
  return { mantissa, exponent };
}

function frameOf(bytes: Uint8Array): Frame {
  const parsed = parseFrame(bytes);
  if ("failure" in parsed) throw new Error(parsed.failure.detail);
  return parsed.frame;
}

function walked(of: Readings): Reading[] {
  const found: Reading[] = [];
  for (const pack = of.walk(); pack.next(); ) {
    const { name, unit, mantissa, exponent, age } = pack;
    found.push({ name, unit, mantissa, exponent, age });
  }
  return found;
}

describe("readings, which are read when somebody looks", () => {
  test("are those that were written, each time and in either way", () => {
    fc.assert(
      fc.property(readings, headers, (written, header) => {
        const frame = frameOf(makeFrame(written, header));
        expect(frame.readings).toHaveLength(written.length);
        expect([...frame.readings]).toEqual(written);
        expect([...frame.readings]).toEqual(written);
        expect(walked(frame.readings)).toEqual(written);
        expect(decoded(frame)).toEqual(written);
      }),
      { numRuns: runs(200, 20) },
    );
  });

  test("of a frame that lies in others' bytes", () => {
    const bytes = makeFrame([reading("a", "m", 5, -1, 250), reading("a", "m", -7)]);
    const all = new Uint8Array(bytes.length + 300).fill(0xff);
    all.set(bytes, 200);
    const frame = frameOf(all.subarray(200, 200 + bytes.length));
    expect([...frame.readings]).toEqual(decoded(frame));
  });

  test("of hostile frames that pass are what another decoder finds in them", () => {
    const corpus = [
      makeFrame([0, 1, 2, 3, 4].map((i) => reading(i % 2 === 0 ? "a" : "b", "m", 11 * i, -1, 500 * i))),
      makeFrame([reading("count", "count", -70000, 0, 1234)], { clock: 0 }),
      makeFrame(Array.from({ length: 90 }, (_, i) => reading("a", "m", i - 45, -2, i * 7))),
    ];
    const random = createPrng(7);
    let passed = 0;
    for (let i = 0; i < runs(20_000, 1000); i++) {
      const parsed = parseFrame(hostileInput(random, corpus));
      if ("failure" in parsed) continue;
      passed++;
      const found = walked(parsed.frame.readings);
      if (JSON.stringify(found) !== JSON.stringify(decoded(parsed.frame)))
        throw new Error(`input ${i} is read as ${JSON.stringify(found)}`);
      expect(parsed.frame.readings).toHaveLength(found.length);
    }
    expect(passed).toBeGreaterThan(20);
  });

  test("a walk is no more than one pack", () => {
    const pack = frameOf(makeFrame([reading()])).readings.walk();
    expect([pack.next(), pack.next(), pack.next()]).toEqual([true, false, false]);
    expect(pack.mantissa).toBe(2153);
  });

  test("bytes that are no pack do not pass for one", () => {
    const none = new Readings(Uint8Array.of(0x80), 0, 1, 2, 0);
    expect(() => none.walk()).toThrow("at least one record");
  });
});
