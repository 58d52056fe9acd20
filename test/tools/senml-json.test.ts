import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { InputError } from "../../agent/input-error.js";
import { readSenmlJson } from "../../tools/senml-json.js";

const read = (records: unknown) => readSenmlJson(JSON.stringify(records));
/** Name, unit, mantissa, exponent, age in milliseconds. */
const short = (records: unknown) =>
  read(records).readings.map(({ name, unit, mantissa, exponent, age }) => [
    name,
    unit,
    mantissa,
    exponent,
    age,
  ]);
const T = 1_795_000_000;
const at = (v: number) => ({ n: "t", u: "Cel", v });

describe("examples of RFC 8428 that fit into a frame", () => {
  test("§5.1.1, a single datapoint", () => {
    const records = [{ n: "urn:dev:ow:10e2073a01080063", u: "Cel", v: 23.1 }];
    expect(read(records).time).toBeUndefined();
    expect(short(records)).toEqual([["urn:dev:ow:10e2073a01080063", "Cel", 231, -1, 0]]);
  });

  test("§5.1.2, multiple datapoints of one device", () => {
    const records = [
      { bn: "urn:dev:ow:10e2073a01080063:", n: "voltage", u: "V", v: 120.1 },
      { n: "current", u: "A", v: 1.2 },
    ];
    expect(short(records)).toEqual([
      ["urn:dev:ow:10e2073a01080063:voltage", "V", 1201, -1, 0],
      ["urn:dev:ow:10e2073a01080063:current", "A", 12, -1, 0],
    ]);
  });

  test("§5.1.2, with a base time in thousandths and times before it", () => {
    const records = [
      { bn: "urn:dev:ow:10e2073a0108006:", bt: 1.276020076001e9, bu: "A", n: "voltage", u: "V", v: 120.1 },
      { n: "current", t: -5, v: 1.2 },
      { n: "current", t: -4, v: 1.3 },
      { n: "current", v: 1.7 },
    ];
    expect(read(records).time).toBe(1_276_020_077);
    expect(short(records)).toEqual([
      ["urn:dev:ow:10e2073a0108006:voltage", "V", 1201, -1, 999],
      ["urn:dev:ow:10e2073a0108006:current", "A", 12, -1, 5999],
      ["urn:dev:ow:10e2073a0108006:current", "A", 13, -1, 4999],
      ["urn:dev:ow:10e2073a0108006:current", "A", 17, -1, 999],
    ]);
  });

  test("§5.1.3, several quantities of one name, over time", () => {
    const records = [
      { bn: "urn:dev:ow:10e2073a01080063", bt: 1.320067464e9, bu: "%RH", v: 20 },
      { u: "lon", v: 24.30621 },
      { u: "lat", v: 60.07965 },
      { t: 60, v: 20.3 },
      { u: "lon", t: 60, v: 24.30622 },
    ];
    expect(read(records).time).toBe(1_320_067_524);
    const name = "urn:dev:ow:10e2073a01080063";
    expect(short(records)).toEqual([
      [name, "%RH", 20, 0, 60_000],
      [name, "lon", 2430621, -5, 60_000],
      [name, "lat", 6007965, -5, 60_000],
      [name, "%RH", 203, -1, 0],
      [name, "lon", 2430622, -5, 0],
    ]);
  });

  test("§5.1.4, resolved", () => {
    const records = [
      { n: "urn:dev:ow:10e2073a01080063", u: "%RH", t: 1.320067464e9, v: 20 },
      { n: "urn:dev:ow:10e2073a01080063", u: "lon", t: 1.320067464e9, v: 24.30621 },
    ];
    expect(read(records).time).toBe(1_320_067_464);
    expect(short(records).map(([, , , , age]) => age)).toEqual([0, 0]);
  });
});

describe("base fields", () => {
  test.each<{ name: string; records: object[]; is: unknown[][] }>([
    {
      name: "a base name goes before each name, until there is another",
      records: [
        { bn: "a-", n: "1", u: "m", v: 1 },
        { n: "2", u: "m", v: 1 },
        { bn: "b", u: "m", v: 1 },
        { n: ":3", u: "m", v: 1 },
      ],
      is: [["a-1"], ["a-2"], ["b"], ["b:3"]],
    },
    {
      name: "a base name can end",
      records: [
        { bn: "a", n: "1", u: "m", v: 1 },
        { bn: "", n: "b", u: "m", v: 1 },
      ],
      is: [["a1"], ["b"]],
    },
    {
      name: "a record's own unit goes before the base unit, for itself",
      records: [
        { n: "a", bu: "m", v: 1 },
        { n: "a", u: "s", v: 1 },
        { n: "a", v: 1 },
        { n: "a", bu: "kg", v: 1 },
      ],
      is: [
        ["a", "m"],
        ["a", "s"],
        ["a", "m"],
        ["a", "kg"],
      ],
    },
    {
      name: "a base value is added, exactly, until there is another",
      records: [
        { n: "a", u: "m", bv: 0.1, v: 0.2 },
        { n: "a", u: "m", v: -0.1 },
        { n: "a", u: "m" },
        { n: "a", u: "m", bv: 20, v: 1.53 },
        { n: "a", u: "m", bv: 0, v: 7 },
      ],
      is: [
        ["a", "m", 3, -1],
        ["a", "m", 0, 0],
        ["a", "m", 1, -1],
        ["a", "m", 2153, -2],
        ["a", "m", 7, 0],
      ],
    },
    {
      name: "a record of base members alone is no reading, wherever it stands",
      records: [{ bn: "a:", bu: "Cel" }, { n: "t", v: 1 }, { bu: "K", bv: 5 }, { n: "u", v: 2 }, {}],
      is: [
        ["a:t", "Cel", 1, 0],
        ["a:u", "K", 7, 0],
      ],
    },
    {
      name: "what says nothing of a reading is read over",
      records: [{ n: "a", u: "m", v: 1, ut: 60, bs: 5, note: "x", deep: { a: [1], b: null } }],
      is: [["a", "m", 1, 0]],
    },
    ...[1, 5, 10, 26].map((bver) => ({
      name: `version ${bver} is understood`,
      records: [{ bver, n: "a", u: "m", v: 1 }, { bver }],
      is: [["a"]],
    })),
  ])("$name", ({ records, is }) => {
    expect(short(records).map((row, i) => row.slice(0, is[i]?.length ?? 0))).toEqual(is);
  });
});

describe("values are decimals, exactly", () => {
  test.each([
    ["0.1", 1, -1],
    ["21.5", 215, -1],
    ["21.50", 215, -1],
    ["21.53", 2153, -2],
    ["-40", -40, 0],
    ["-40.06", -4006, -2],
    ["1e-7", 1, -7],
    ["1.5e-7", 15, -8],
    ["0.000000001", 1, -9],
    ["-0", 0, 0],
    ["-0.0", 0, 0],
    ["0", 0, 0],
    ["1e3", 1000, 0],
    ["1e15", 1e15, 0],
    ["9007199254740991", 2 ** 53 - 1, 0],
    ["-9007199254740991", 1 - 2 ** 53, 0],
    ["101325.25", 10132525, -2],
    ["1.276020076001e+09", 1276020076001, -3],
  ])("%s", (text, mantissa, exponent) => {
    const [reading] = readSenmlJson(`[{"n":"t","u":"Cel","v":${text}}]`).readings;
    expect(Object.is(reading?.mantissa, mantissa)).toBe(true);
    expect(reading?.exponent).toBe(exponent);
  });

  test("property: any decimal of up to 9 places comes through", () => {
    const decimal = fc.record({ mantissa: fc.integer({ min: -1e14, max: 1e14 }), places: fc.nat(9) });
    fc.assert(
      fc.property(decimal, ({ mantissa, places }) => {
        const [reading] = readSenmlJson(`[{"n":"t","u":"m","v":${mantissa}e-${places}}]`).readings;
        expect(Number(`${reading?.mantissa}e${reading?.exponent}`)).toBe(
          Number(`${mantissa}e-${places}`) + 0,
        );
        expect(BigInt(reading?.mantissa as number) * 10n ** BigInt(9 + (reading?.exponent as number))).toBe(
          BigInt(mantissa) * 10n ** BigInt(9 - places),
        );
      }),
      { numRuns: 1000, seed: 8428 },
    );
  });
});

describe("times", () => {
  test.each<{ name: string; records: object[]; time: number | undefined; ages: number[] }>([
    { name: "none", records: [at(1), at(2)], time: undefined, ages: [0, 0] },
    { name: "now", records: [{ ...at(1), t: 0 }], time: undefined, ages: [0] },
    { name: "before now", records: [{ ...at(1), t: -1.5 }, at(2)], time: undefined, ages: [1500, 0] },
    { name: "all before now", records: [{ ...at(1), t: -5 }], time: undefined, ages: [5000] },
    { name: "a base time", records: [{ ...at(1), bt: T }, at(2)], time: T, ages: [0, 0] },
    {
      name: "times of their own",
      records: [
        { ...at(1), t: T - 10 },
        { ...at(2), t: T },
      ],
      time: T,
      ages: [10_000, 0],
    },
    {
      name: "after the base time",
      records: [
        { ...at(1), bt: T },
        { ...at(2), t: 2.25 },
      ],
      time: T + 3,
      ages: [3000, 750],
    },
    {
      name: "a base time that changes",
      records: [{ ...at(1), bt: T }, at(2), { ...at(3), bt: T + 60 }],
      time: T + 60,
      ages: [60_000, 60_000, 0],
    },
    { name: "milliseconds", records: [{ ...at(1), t: T + 0.001 }], time: T + 1, ages: [999] },
    { name: "finer than milliseconds", records: [{ ...at(1), t: T + 0.0004 }], time: T, ages: [0] },
    {
      name: "the first second that is a date",
      records: [{ ...at(1), t: 2 ** 28 }],
      time: 2 ** 28,
      ages: [0],
    },
  ])("$name", ({ records, time, ages }) => {
    const pack = read(records);
    expect(pack.time).toBe(time);
    expect(pack.readings.map(({ age }) => age)).toEqual(ages);
  });
});

describe("what does not fit is refused, by record and flaw", () => {
  test.each<{ name: string; text: string; says: string }>([
    { name: "no JSON", text: "{", says: "not JSON: " },
    { name: "empty", text: "", says: "not JSON" },
    { name: "no array", text: "{}", says: "not a SenML pack: the whole: " },
    { name: "no records", text: "[]", says: "not a SenML pack: the whole: " },
    { name: "a record that is none", text: "[5]", says: "not a SenML pack: 0: " },
    { name: "no value", text: '[{"n":"t","u":"Cel"}]', says: "not a SenML pack: 0.v: " },
    { name: "a value that is text", text: '[{"n":"t","u":"Cel","v":"1"}]', says: "not a SenML pack: 0.v: " },
    { name: "a value that is too large to be one", text: '[{"n":"t","u":"Cel","v":1e400}]', says: "0.v: " },
    { name: "a string value", text: '[{"n":"t","u":"Cel","v":1,"vs":"a"}]', says: "vs" },
    { name: "a sum", text: '[{"n":"t","u":"Cel","v":1,"s":1}]', says: "not a SenML pack: 0: " },
    {
      name: "a later version",
      text: '[{"bver":11,"n":"t","u":"Cel","v":1}]',
      says: "0.bver: version 11; up to 10 is understood",
    },
    { name: "a version that is none", text: '[{"bver":0,"n":"t","u":"Cel","v":1}]', says: "0.bver: " },
    { name: "half a version", text: '[{"bver":9.5,"n":"t","u":"Cel","v":1}]', says: "0.bver: " },
    {
      name: "two versions",
      text: '[{"bver":5,"n":"t","u":"Cel","v":1},{"bver":10}]',
      says: "1.bver: 10 after 5: a pack has one version",
    },
    { name: "a boolean", text: '[{"n":"t","u":"Cel","v":1,"vb":true}]', says: '0: "vb" is a boolean' },
    { name: "data", text: '[{"n":"t","u":"Cel","vd":"AA"}]', says: '0: "vd" is data' },
    { name: "an update time of text", text: '[{"n":"t","u":"Cel","v":1,"ut":"a"}]', says: "0.ut: " },
    {
      name: "base members alone",
      text: '[{"bn":"a","bu":"Cel","bv":1}]',
      says: "no record of it is a reading",
    },
    {
      name: "a sum of value and base value that is too large",
      text: '[{"n":"t","u":"Cel","bv":9007199254740991,"v":1}]',
      says: "record 0: its value and the base value are beyond 2^53",
    },
    ...(
      [
        ["milliseconds", 1e3],
        ["microseconds", 1e6],
        ["nanoseconds", 1e9],
      ] as const
    ).map(([unit, part]) => ({
      name: `a time in ${unit}`,
      text: `[{"n":"t","u":"Cel","v":1,"bt":${1_795_000_000 * part}},{"n":"t","u":"Cel","v":1,"t":-5}]`,
      says: part === 1e3 ? `record 0: a time of 1795000000000: SenML has seconds` : "record 0: a time of ",
    })),
    {
      name: "a time after 2105",
      text: '[{"n":"t","u":"Cel","v":1,"t":5e9}]',
      says: "later than the year 2105",
    },
    {
      name: "a member twice",
      text: '[{"n":"t","u":"Cel","v":1,"v":2}]',
      says: "the same member twice in one object: see character 27",
    },
    {
      name: "a member twice, once with an escape",
      text: '[{"n":"t","u":"Cel","v":1,"\\u0076":2}]',
      says: "the same member twice",
    },
    {
      name: "a member twice, deep in one that is not known",
      text: '[{"n":"t","u":"Cel","v":1,"x":[{"a":{"b":1,"c":"b","b":2}}]}]',
      says: "the same member twice",
    },
    { name: "a member that must be understood", text: '[{"n":"t","u":"Cel","v":1,"x_":1}]', says: "x_" },
    { name: "no name", text: '[{"u":"Cel","v":1}]', says: 'record 0: "" is not a SenML name' },
    {
      name: "a bad name",
      text: '[{"n":"t","u":"Cel","v":1},{"n":"a b","u":"Cel","v":1}]',
      says: 'record 1: "a b" is not',
    },
    {
      name: "a long name",
      text: `[{"n":"${"x".repeat(65)}","u":"Cel","v":1}]`,
      says: "of at most 64 characters",
    },
    { name: "no unit", text: '[{"n":"t","v":1}]', says: 'record 0: "" is not in the SenML units registry' },
    {
      name: "a bad unit",
      text: '[{"n":"t","u":"C°","v":1}]',
      says: 'record 0: "C°" is not in the SenML units registry',
    },
    { name: "1e21", text: '[{"n":"t","u":"Cel","v":1e21}]', says: "record 0: 1e+21 is beyond 2^53" },
    {
      name: "2^53",
      text: '[{"n":"t","u":"Cel","v":9007199254740992}]',
      says: "record 0: 9007199254740992 is beyond 2^53",
    },
    {
      name: "too many digits in all",
      text: '[{"n":"t","u":"Cel","v":123456789.12345678}]',
      says: "record 0: 123456789.12345678 is beyond 2^53",
    },
    {
      name: "ten places",
      text: '[{"n":"t","u":"Cel","v":0.0000000001}]',
      says: "record 0: 1e-10 has more than 9 decimal places",
    },
    {
      name: "a third",
      text: '[{"n":"t","u":"Cel","v":0.3333333333333333}]',
      says: "has more than 9 decimal places",
    },
    {
      name: "0.1 + 0.2",
      text: '[{"n":"t","u":"Cel","v":0.30000000000000004}]',
      says: "has more than 9 decimal places",
    },
    {
      name: "almost nothing",
      text: '[{"n":"t","u":"Cel","v":5e-324}]',
      says: "has more than 9 decimal places",
    },
    {
      name: "a time after now",
      text: '[{"n":"t","u":"Cel","v":1,"t":5}]',
      says: "record 0: a time after now",
    },
    {
      name: "relative times among dates",
      text: `[{"n":"t","u":"Cel","v":1,"t":-5},{"n":"t","u":"Cel","v":1,"t":${T}}]`,
      says: "record 0: too far from the latest reading",
    },
    {
      name: "long before now",
      text: '[{"n":"t","u":"Cel","v":1,"t":-268435456}]',
      says: "record 0: too far from the latest reading",
    },
    {
      name: "a time beyond all",
      text: '[{"n":"t","u":"Cel","v":1,"t":1e300}]',
      says: "record 0: a time of 1e+300 s",
    },
    {
      name: "a time beyond counting",
      text: '[{"n":"t","u":"Cel","v":1,"bt":1.7e308}]',
      says: "record 0: a time of 1.7e+308 s",
    },
  ])("$name", ({ text, says }) => {
    expect(() => readSenmlJson(text)).toThrow(InputError);
    expect(() => readSenmlJson(text)).toThrow(says);
  });

  test("256 records are too many, 255 are not", () => {
    expect(read(Array.from({ length: 255 }, () => at(1))).readings).toHaveLength(255);
    expect(() => read(Array.from({ length: 256 }, () => at(1)))).toThrow("not a SenML pack: the whole: ");
  });
});
