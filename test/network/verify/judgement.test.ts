import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { type Frame, parseFrame } from "../../../agent/frame/parse.js";
import { describeReadings, toNumber } from "../../../network/verify/judgement.js";
import { makeFrame, reading } from "../../support/frames.js";

const T = 1795000000;

/** The number that JavaScript reads in the decimal text: the nearest one (ECMA-262, StringToNumber). */
const ofText = (mantissa: number, exponent: number) => Number(`${mantissa}e${exponent}`);

describe("toNumber", () => {
  test("is the number nearest to the decimal, for all that a frame can say", () => {
    const exponents = fc.integer({ min: -9, max: 0 });
    const mantissas = fc.oneof(fc.maxSafeInteger(), fc.integer(), fc.integer({ min: -9999, max: 9999 }));
    fc.assert(
      fc.property(
        mantissas,
        exponents,
        (mantissa, exponent) => toNumber({ mantissa, exponent }) === ofText(mantissa, exponent),
      ),
      { numRuns: 20_000 },
    );
  });

  test.each([-1, -2, -3, -4, -5, -6, -7, -8, -9])("at the ends of a mantissa, × 10^%i", (exponent) => {
    for (const end of [1, -1])
      for (let i = 0; i < 100; i++) {
        const mantissa = end * (Number.MAX_SAFE_INTEGER - i);
        expect(toNumber({ mantissa, exponent })).toBe(ofText(mantissa, exponent));
      }
  });
});

describe("describeReadings", () => {
  const { readings } = (
    parseFrame(
      makeFrame([
        reading("temperature", "Cel", 2153, -2),
        reading("temperature", "Cel", -5, 0, 1500),
        reading("temperature", "Cel", 1, -1, 1500),
        reading("humidity", "%RH", 480, -1, 0),
        reading("pressure", "hPa", 9_007_199_254_740_991, -9, 1),
      ]),
    ) as { frame: Frame }
  ).frame;

  test("says the same bytes as ever", () => {
    expect(JSON.stringify(describeReadings(readings, T))).toBe(
      '[{"name":"temperature","unit":"Cel","value":21.53,"time":1795000000},' +
        '{"name":"temperature","unit":"Cel","value":-5,"time":1794999998.5},' +
        '{"name":"temperature","unit":"Cel","value":0.1,"time":1794999998.5},' +
        '{"name":"humidity","unit":"%RH","value":48,"time":1795000000},' +
        '{"name":"pressure","unit":"hPa","value":9007199.25474099,"time":1794999999.999}]',
    );
  });

  test("dates each by its own age, also where the frame's time is no whole number", () => {
    fc.assert(
      fc.property(fc.oneof(fc.maxSafeInteger(), fc.double({ noNaN: true })), (time) => {
        const expected = [...readings].map(({ age }) => (time * 1000 - age) / 1000);
        expect(describeReadings(readings, time).map((it) => it.time)).toEqual(expected);
      }),
      { numRuns: 1000 },
    );
  });

  test("says no date where the frame has none", () => {
    expect(describeReadings(readings, null).map(({ time }) => time)).toEqual([null, null, null, null, null]);
  });
});
