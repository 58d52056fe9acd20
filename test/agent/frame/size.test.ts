import { describe, expect, test } from "@jest/globals";
import type { FrameHeader } from "../../../agent/frame/write.js";
import { makeFrame, reading, TEST_NETWORK, type TestReading } from "../../support/frames.js";

const QUANTITY = "temperature";
const OTHER_QUANTITY = "rain-amount";

/** Bytes of a frame. */
const size = (readings: TestReading[], header: Partial<FrameHeader> = {}) =>
  makeFrame(readings, header).length;

/** Bytes that `further` adds behind `first`. */
const cost = (first: TestReading, further: TestReading) => size([first, further]) - size([first]);

/** Boot and sequence in 3 bytes, uptime in 5. */
const LATE_IN_LIFE = { boot: 65535, sequence: 65535, uptime: 2 ** 32 - 1 };
/** A mantissa of 32 bits, in 5 bytes. */
const WIDE = reading(QUANTITY, "Cel", 2 ** 31 + 1, -9);

test("what the figures are for: a network of 4 letters, quantities of 11", () => {
  expect([TEST_NETWORK.length, QUANTITY.length, OTHER_QUANTITY.length]).toEqual([4, 11, 11]);
});

describe("a frame with one reading is at most 168 bytes, the first of a boot 177", () => {
  const first: [string, TestReading, Partial<FrameHeader>, number][] = [
    ["first of a device, 21.53 Cel", reading(), {}, 168],
    ["first of a device, clock unset", reading(), { clock: 0 }, 162],
    ["first of boot 65,535 with a 32-bit mantissa", WIDE, { ...LATE_IN_LIFE, sequence: 0 }, 175],
  ];
  test.each(first)("%s", (_name, one, header, bytes) => {
    expect(size([one], header)).toBe(bytes);
    expect(bytes).toBeLessThanOrEqual(177);
  });

  const later: [string, TestReading, Partial<FrameHeader>, number][] = [
    ["second of a device, 21.53 Cel", reading(), { sequence: 1 }, 159],
    ["an integer value of one byte", reading(QUANTITY, "Cel", 21, 0), { sequence: 1 }, 154],
    ["boot and sequence 65,535, uptime 2^32 - 1", reading(), LATE_IN_LIFE, 166],
    ["the same with a 32-bit mantissa", WIDE, LATE_IN_LIFE, 168],
  ];
  test.each(later)("%s", (_name, one, header, bytes) => {
    expect(size([one], header)).toBe(bytes);
    expect(bytes).toBeLessThanOrEqual(168);
  });
});

describe("a further reading behind one of another time, quantity or unit", () => {
  const first = reading(QUANTITY, "Cel", 2153, -2);
  const rows: [string, TestReading, number][] = [
    ["same quantity, same time", reading(QUANTITY, "Cel", 2153, -2), 8],
    ["same quantity, 5 s before", reading(QUANTITY, "Cel", 2153, -2, 5000), 10],
    ["same quantity, 300 s before", reading(QUANTITY, "Cel", 2153, -2, 300_000), 12],
    ["same quantity, 1.5 s before", reading(QUANTITY, "Cel", 2153, -2, 1500), 13],
    ["same quantity, 1.234 s before", reading(QUANTITY, "Cel", 2153, -2, 1234), 15],
    ["same quantity, 32-bit mantissa, 1.234 s before", { ...WIDE, age: 1234 }, 17],
    ["other quantity, same unit, same time", reading(OTHER_QUANTITY, "Cel", 2153, -2), 21],
    ["other quantity, same unit, 5 s before", reading(OTHER_QUANTITY, "Cel", 2153, -2, 5000), 23],
  ];
  test.each(rows)("%s: at most 24 bytes", (_name, further, bytes) => {
    expect(cost(first, further)).toBe(bytes);
    expect(bytes).toBeLessThanOrEqual(24);
  });

  // A quantity of another unit writes that too, and goes over: unit and quantity stand in full, once.
  const dearer: [string, TestReading, number][] = [
    ["other quantity, unit of 1 letter, same time", reading(OTHER_QUANTITY, "m", 2153, -2), 24],
    ["other quantity, unit of 2 letters, same time", reading(OTHER_QUANTITY, "mm", 2153, -2), 25],
    ["other quantity, unit of 3 letters, same time", reading(OTHER_QUANTITY, "hPa", 2153, -2), 26],
    ["other quantity, unit of 3 letters, 5 s before", reading(OTHER_QUANTITY, "hPa", 2153, -2, 5000), 28],
  ];
  test.each(dearer)("%s: named in full", (_name, further, bytes) => {
    expect(cost(first, further)).toBe(bytes);
  });

  test("12 readings, of 3 quantities at 4 times: 10.7 bytes a further one in the mean", () => {
    const of = (name: string, unit: string, mantissa: number, exponent: number) =>
      [0, 5000, 10_000, 15_000].map((age) => reading(name, unit, mantissa, exponent, age));
    const all = [
      ...of(QUANTITY, "Cel", 2153, -2),
      ...of("cloud-cover", "/100", 62, 0),
      ...of(OTHER_QUANTITY, "mm", 12, -1),
    ];
    const later = { sequence: 1 };
    expect([size(all.slice(0, 1), later), size(all, later)]).toEqual([159, 277]);
  });
});
