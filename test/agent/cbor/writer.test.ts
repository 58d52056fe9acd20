import { describe, expect, test } from "@jest/globals";
import { CborTagged } from "../../../agent/cbor/value.js";
import { CborWriter } from "../../../agent/cbor/writer.js";
import { hexOf } from "../../support/frames.js";
import { cborError, codeOf, encoded } from "./encoded.js";

function written(write: (writer: CborWriter) => void, room = 64): string {
  const writer = new CborWriter(new Uint8Array(room));
  write(writer);
  return hexOf(writer.buffer.subarray(0, writer.offset));
}

describe("CborWriter.int", () => {
  test.each([
    [0, "00"],
    [-0, "00"],
    [23, "17"],
    [24, "1818"],
    [255, "18ff"],
    [256, "190100"],
    [65535, "19ffff"],
    [65536, "1a00010000"],
    [2 ** 32 - 1, "1affffffff"],
    [2 ** 32, "1b0000000100000000"],
    [Number.MAX_SAFE_INTEGER, "1b001fffffffffffff"],
    [-1, "20"],
    [-24, "37"],
    [-25, "3818"],
    [-256, "38ff"],
    [-257, "390100"],
    [-65536, "39ffff"],
    [-65537, "3a00010000"],
    [-(2 ** 32), "3affffffff"],
    [-(2 ** 32) - 1, "3b0000000100000000"],
    [Number.MIN_SAFE_INTEGER, "3b001ffffffffffffe"],
  ])("%d", (value, hex) => expect(written((writer) => writer.int(value))).toBe(hex));

  test.each([
    2 ** 53,
    -(2 ** 53),
    2 ** 64,
    -(2 ** 64),
    1.5,
    -1.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ])("refuses %d", (value) =>
    expect(codeOf(() => written((writer) => writer.int(value)))).toBe("integer-range"),
  );
});

describe("CborWriter.decimal writes one encoding for each value", () => {
  test.each([
    [2153, -2, "c48221190869"],
    [21530, -3, "c48221190869"],
    [2150, -2, "c4822018d7"],
    [2100, -2, "15"],
    [0, -2, "00"],
    [-0, -2, "00"],
    [0, 0, "00"],
    [-5, -1, "c4822024"],
    [-50, -1, "24"],
    [7, 0, "07"],
    [70, 0, "1846"],
    [1, -9, "c4822801"],
  ])("%d × 10^%d", (mantissa, exponent, hex) =>
    expect(written((writer) => writer.decimal(mantissa, exponent))).toBe(hex),
  );

  test.each([0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])("refuses the mantissa %d", (mantissa) =>
    expect(codeOf(() => written((writer) => writer.decimal(mantissa, -1)))).toBe("integer-range"),
  );
});

describe("CborWriter at the end of its buffer", () => {
  const writes: [string, number, (writer: CborWriter) => void][] = [
    ["an integer of 1 byte", 1, (w) => w.int(0)],
    ["an integer of 2 bytes", 2, (w) => w.int(24)],
    ["an integer of 3 bytes", 3, (w) => w.int(256)],
    ["an integer of 5 bytes", 5, (w) => w.int(65536)],
    ["an integer of 9 bytes", 9, (w) => w.int(-(2 ** 40))],
    ["a text", 4, (w) => w.text("水")],
    ["a byte string", 4, (w) => w.bytes(new Uint8Array(3))],
    ["a decimal", 4, (w) => w.decimal(1, -1)],
    ["room to fill in", 4, (w) => w.reserve(4)],
  ];
  test.each(writes)("%s fits exactly, and is refused in a byte less", (_name, bytes, write) => {
    expect(written(write, bytes)).toHaveLength(2 * bytes);
    const guarded = new Uint8Array(bytes + 8).fill(0xee);
    expect(codeOf(() => write(new CborWriter(guarded.subarray(0, bytes - 1))))).toBe("buffer-full");
    expect(guarded.subarray(bytes - 1).every((byte) => byte === 0xee)).toBe(true);
  });

  test("the error names the offset and what was missing", () => {
    const error = cborError(() => new CborWriter(new Uint8Array(3)).bytes(new Uint8Array(5)));
    expect(error?.message).toBe("needs 5 bytes more than the buffer has (buffer-full at byte 1)");
  });
});

describe("encodeCbor", () => {
  test("sorts keys bytewise by their encoding, whatever order they came in", () => {
    const keys = ["aa", "b", -1, 256, 24, 0, -257, "", "水", 23];
    const map = new Map(keys.map((key) => [key, 0]));
    expect(hexOf(encoded(map))).toBe(
      `aa${["00", "17", "1818", "190100", "20", "390100", "60", "6162", "626161", "63e6b0b4"].map((key) => `${key}00`).join("")}`,
    );
  });

  test("writes what is in a tag", () => {
    expect(hexOf(encoded(new CborTagged(4, [-2, 2153])))).toBe("c48221190869");
  });

  test("writes a lone surrogate as U+FFFD, as TextEncoder does", () => {
    expect(hexOf(encoded("a\ud800b"))).toBe("6561efbfbd62");
    expect(hexOf(encoded("\udc00"))).toBe("63efbfbd");
  });
});
