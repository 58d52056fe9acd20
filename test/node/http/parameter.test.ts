import { describe, expect, test } from "@jest/globals";
import { InputError } from "../../../agent/input-error.js";
import { after, from, kid, limit, readParameters } from "../../../node/http/parameter.js";

describe("a time", () => {
  test.each([
    ["2026-11-30T12:00:00Z", Date.UTC(2026, 10, 30, 12) / 1000],
    ["2026-11-30t12:00:00.25z", Date.UTC(2026, 10, 30, 12) / 1000 + 0.25],
    ["2026-11-30T12:00:00+01:00", Date.UTC(2026, 10, 30, 11) / 1000],
    ["2026-11-30T12:00:00 01:00", Date.UTC(2026, 10, 30, 11) / 1000], // a + that was not escaped
    ["2026-11-30T12:00:00-01:30", Date.UTC(2026, 10, 30, 13, 30) / 1000],
    ["2024-02-29T00:00:00Z", Date.UTC(2024, 1, 29) / 1000],
    ["1795000000", 1795000000],
    ["1795000000.5", 1795000000.5],
    ["0", 0],
  ])("%s is %d", (text, seconds) => {
    expect(from.read(text)).toBe(seconds);
  });

  test.each([
    "",
    "yesterday",
    "2026-11-30",
    "2026-11-30T12:00:00", // of which place?
    "2026-02-30T12:00:00Z",
    "2026-13-01T12:00:00Z",
    "2026-11-30T25:00:00Z",
    "2026-11-30T12:00:00+99:00",
    "1795000000000", // milliseconds
    "-1",
    "1e9",
    "NaN",
    " 1795000000",
    "1795000000\n",
  ])("%j is none", (text) => {
    expect(() => from.read(text)).toThrow(InputError);
    expect(() => from.read(text)).toThrow(/2026-11-30T12:00:00Z \(RFC 3339\), or Unix seconds/);
  });
});

test("positions, kids and numbers are read to the letter", () => {
  expect(after.read("3:120")).toEqual({ boot: 3, sequence: 120 });
  for (const text of ["3", "3:", ":1", "3:-1", "03:1", "3:1:2", "9007199254740992:0", "1:1e3"])
    expect(() => after.read(text)).toThrow(InputError);
  for (const text of ["", "0123456789ABCDEF", "0123456789abcdef\n", "0123456789abcde"])
    expect(() => kid.read(text)).toThrow(InputError);
  expect(limit.read("1000")).toBe(1000);
  for (const text of ["0", "1001", "-1", "1.5", "9999", "99999"])
    expect(() => limit.read(text)).toThrow(InputError);
});

test("what is wrong is said with the parameter's name, and what it may be", () => {
  expect(() => readParameters({ limit: "many" }, { limit })).toThrow(
    'limit: "many" will not do: how many a page holds, 1 to 1000',
  );
});

test("what is unknown or said twice is named", () => {
  expect(readParameters({ limit: "5" }, { limit })).toEqual({ limit: 5 });
  expect(() => readParameters({ limt: "5" }, { limit, after })).toThrow(
    '"limt" is not known here: take limit, after',
  );
  expect(() => readParameters({ limit: ["5", "6"] }, { limit })).toThrow("limit stands there twice");
  expect(() => readParameters({ constructor: "5" }, { limit })).toThrow("is not known here");
  expect(() => readParameters(JSON.parse('{"__proto__": "5"}'), { limit })).toThrow("is not known here");
});
