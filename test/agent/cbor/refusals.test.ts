import { describe, expect, test } from "@jest/globals";
import type { CborErrorCode } from "../../../agent/cbor/error.js";
import { CborReader } from "../../../agent/cbor/reader.js";
import { type DecodeLimits, decodeCbor } from "../../../agent/cbor/value.js";
import { bytesOf } from "../../support/frames.js";
import { cborError, codeOf } from "./encoded.js";

/** Bytes in hex, the code they are refused with, the byte that the error names, and limits other than the default. */
type Row = [name: string, hex: string, code: CborErrorCode, offset: number, limits?: DecodeLimits];

const ROWS: Row[] = [
  // RFC 8949 §4.2.1: the shortest head. Each size one below what it is for.
  ["23 in 2 bytes", "1817", "non-shortest", 0],
  ["0 in 2 bytes", "1800", "non-shortest", 0],
  ["255 in 3 bytes", "1900ff", "non-shortest", 0],
  ["65,535 in 5 bytes", "1a0000ffff", "non-shortest", 0],
  ["2^32 - 1 in 9 bytes", "1b00000000ffffffff", "non-shortest", 0],
  ["-24 in 2 bytes", "3817", "non-shortest", 0],
  ["-256 in 3 bytes", "3900ff", "non-shortest", 0],
  ["-65,536 in 5 bytes", "3a0000ffff", "non-shortest", 0],
  ["-2^32 in 9 bytes", "3b00000000ffffffff", "non-shortest", 0],
  ["byte string, length in 2 bytes", "580100", "non-shortest", 0],
  ["byte string, length in 3 bytes", "59000100", "non-shortest", 0],
  ["byte string, length in 5 bytes", "5a0000000100", "non-shortest", 0],
  ["byte string, length in 9 bytes", "5b000000000000000100", "non-shortest", 0],
  ["text, length in 2 bytes", "780161", "non-shortest", 0],
  ["text, length in 3 bytes", "79000161", "non-shortest", 0],
  ["text, length in 5 bytes", "7a0000000161", "non-shortest", 0],
  ["text, length in 9 bytes", "7b000000000000000161", "non-shortest", 0],
  ["array, count in 2 bytes", "980100", "non-shortest", 0],
  ["array, count in 3 bytes", "99000100", "non-shortest", 0],
  ["array, count in 5 bytes", "9a0000000100", "non-shortest", 0],
  ["array, count in 9 bytes", "9b000000000000000100", "non-shortest", 0],
  ["map, count in 2 bytes", "b8010000", "non-shortest", 0],
  ["map, count in 3 bytes", "b900010000", "non-shortest", 0],
  ["map, count in 5 bytes", "ba000000010000", "non-shortest", 0],
  ["map, count in 9 bytes", "bb00000000000000010000", "non-shortest", 0],
  ["tag 18 in 2 bytes", "d81200", "non-shortest", 0],
  ["tag 4 in 3 bytes", "d9000400", "non-shortest", 0],
  ["inside: the second item of an array", "82001817", "non-shortest", 2],
  ["inside: a map's key", "a1180000", "non-shortest", 1],
  ["inside: a map's value", "a1001800", "non-shortest", 2],

  ["byte string of indefinite length", "5fff", "indefinite-length", 0],
  ["text of indefinite length", "7fff", "indefinite-length", 0],
  ["array of indefinite length", "9fff", "indefinite-length", 0],
  ["map of indefinite length", "bfff", "indefinite-length", 0],
  ["array of indefinite length, no break", "9f", "indefinite-length", 0],
  ["map of indefinite length as a value", "a100bfff", "indefinite-length", 2],

  ["keys 1, 0", "a201000000", "unsorted-keys", 3],
  ["keys -1, 0: the negative sorts after", "a220000000", "unsorted-keys", 3],
  ["keys 100, 24", "a2186400181800", "unsorted-keys", 4],
  ["keys 256, 24: bytewise, not by value alone", "a21901000018ff00", "unsorted-keys", 5],
  ['keys "b", "a"', "a2616200616100", "unsorted-keys", 4],
  ['keys "aa", "b": the shorter text first', "a262616100616200", "unsorted-keys", 5],
  ['keys "a", 0: integers first', "a26161000000", "unsorted-keys", 4],
  ["in a map in an array", "81a201000000", "unsorted-keys", 4],

  ["key 0 twice", "a200000000", "duplicate-key", 3],
  ["key -1 twice", "a220002000", "duplicate-key", 3],
  ['key "a" twice', "a2616100616101", "duplicate-key", 4],
  ["third key is the second's twin", "a3000001000101", "duplicate-key", 5],

  ["half float 0.0", "f90000", "float", 0],
  ["single float", "fa47c35000", "float", 0],
  ["double float", "fb3ff199999999999a", "float", 0],
  ["NaN", "f97e00", "float", 0],
  ["a float in an array", "81f93c00", "float", 1],
  ["a float as a map's key", "a1f93c0000", "float", 1],
  ["a float cut short is a float first", "fb", "float", 0],

  ["false", "f4", "simple", 0],
  ["true", "f5", "simple", 0],
  ["null", "f6", "simple", 0],
  ["undefined", "f7", "simple", 0],
  ["simple(0)", "e0", "simple", 0],
  ["simple(19)", "f3", "simple", 0],
  ["simple(32)", "f820", "simple", 0],
  ["true in a map", "a100f5", "simple", 2],

  ["unsigned, additional information 28", "1c", "reserved", 0],
  ["negative, additional information 29", "3d", "reserved", 0],
  ["byte string, additional information 30", "5e", "reserved", 0],
  ["text, additional information 28", "7c", "reserved", 0],
  ["array, additional information 29", "9d", "reserved", 0],
  ["map, additional information 30", "be", "reserved", 0],
  ["tag, additional information 28", "dc", "reserved", 0],
  ["major type 7, additional information 28", "fc", "reserved", 0],
  ["unsigned of indefinite length", "1f", "reserved", 0],
  ["negative of indefinite length", "3f", "reserved", 0],
  ["tag of indefinite length", "df", "reserved", 0],
  ["a break alone", "ff", "reserved", 0],
  ["a break in an array of definite length", "81ff", "reserved", 1],

  ["tag 0", "c060", "unsupported-tag", 0],
  ["tag 2, a bignum", "c24101", "unsupported-tag", 0],
  ["tag 5, a bigfloat", "c5820001", "unsupported-tag", 0],
  ["tag 17", "d100", "unsupported-tag", 0],
  ["tag 24", "d81840", "unsupported-tag", 0],
  ["tag 55799, self-described CBOR", "d9d9f700", "unsupported-tag", 0],

  ["2^53", "1b0020000000000000", "integer-range", 0],
  ["2^64 - 1", "1bffffffffffffffff", "integer-range", 0],
  ["-2^53", "3b001fffffffffffff", "integer-range", 0],
  ["-2^64", "3bffffffffffffffff", "integer-range", 0],
  ["a byte string of 2^63 bytes", "5b8000000000000000", "integer-range", 0],
  ["an array of 2^53 items", "9b0020000000000000", "integer-range", 0],

  ["after an integer", "0000", "trailing-bytes", 1],
  ["after an array", "810000", "trailing-bytes", 2],
  ["after an empty map", "a0a0", "trailing-bytes", 1],

  ["no input", "", "truncated", 0],
  ["an array of 1 without its item", "81", "truncated", 0],
  ["a map of 1 with half a pair", "a100", "truncated", 0],
  ["a tag without its item", "d2", "truncated", 1],
  ["a head cut in its argument", "1901", "truncated", 0],
  ["a byte string one byte short", "4201", "truncated", 0],
  ["a text one byte short", "6261", "truncated", 0],
  ["an array of 2^32 items", "9b0000000100000000", "truncated", 0],
  ["a map of 2^52 pairs", "bb0010000000000000", "truncated", 0],
  ["a byte string of 2^53 - 1 bytes", "5b001fffffffffffff", "truncated", 0],

  ["17 arrays deep", `${"81".repeat(16)}80`, "too-deep", 16],
  ["17 tags deep", `${"d2".repeat(16)}00`, "too-deep", 16],
  ["17 maps deep", `${"a100".repeat(16)}a0`, "too-deep", 31],
  ["2 deep where 1 is allowed", "8100", "too-deep", 1, { depth: 1 }],
  ["a key too deep", "a10000", "too-deep", 1, { depth: 1 }],

  ["one byte more than the limit", "820000", "too-large", 0, { bytes: 2 }],

  ["an array as a map's key", "a18000", "unexpected", 1],
  ["a byte string as a map's key", "a14000", "unexpected", 1],
  ["a map as a map's key", "a1a000", "unexpected", 1],
  ["a tag as a map's key", "a1c40000", "unexpected", 1],

  // RFC 3629: what a lenient decoder would repair.
  ["a continuation byte alone", "6180", "bad-utf8", 0],
  ["a lead byte without its continuation", "61c3", "bad-utf8", 0],
  ["a lead byte followed by ASCII", "62c328", "bad-utf8", 0],
  ["overlong NUL in 2 bytes", "62c080", "bad-utf8", 0],
  ["overlong '/' in 2 bytes", "62c1bf", "bad-utf8", 0],
  ["overlong in 3 bytes, U+07FF", "63e09fbf", "bad-utf8", 0],
  ["overlong in 4 bytes, U+FFFF", "64f08fbfbf", "bad-utf8", 0],
  ["first surrogate, U+D800", "63eda080", "bad-utf8", 0],
  ["last surrogate, U+DFFF", "63edbfbf", "bad-utf8", 0],
  ["a surrogate pair in CESU-8", "66eda080edb080", "bad-utf8", 0],
  ["U+110000", "64f4908080", "bad-utf8", 0],
  ["a 5-byte form", "65f888808080", "bad-utf8", 0],
  ["0xff", "61ff", "bad-utf8", 0],
  ["cut after 3 of 4 bytes", "63f09f98", "bad-utf8", 0],
  ["in a map's key", "a1618000", "bad-utf8", 1],
  ["cut, and what follows could continue it", "8261c380", "bad-utf8", 1],
];

describe("decodeCbor refuses", () => {
  const rows = ROWS.map(([name, hex, code, offset, limits]) => ({ name, hex, code, offset, limits }));
  test.each(rows)("$name", ({ hex, code, offset, limits }) => {
    const error = cborError(() => decodeCbor(bytesOf(hex), limits));
    expect([error?.code, error?.offset]).toEqual([code, offset]);
    expect(error?.message).toContain(`(${code} at byte ${offset})`);
  });

  test("each code that a decoder has, at least once", () => {
    const every: CborErrorCode[] = [
      "truncated",
      "trailing-bytes",
      "non-shortest",
      "indefinite-length",
      "unsorted-keys",
      "duplicate-key",
      "float",
      "simple",
      "reserved",
      "unsupported-tag",
      "integer-range",
      "bad-utf8",
      "too-deep",
      "too-large",
      "unexpected",
    ];
    expect(new Set(ROWS.map(([, , code]) => code))).toEqual(new Set(every));
  });

  test("a sample cut anywhere is truncated, whole it is not", () => {
    const sample = bytesOf(
      "d2 84 58 19 00000000000000000000000000000000000000000000000000 a2 01 1a 00010000 20 63 e6b0b4 c4 82 21 19 0869 80",
    );
    expect(codeOf(() => decodeCbor(sample))).toBeUndefined();
    for (let length = 0; length < sample.length; length++)
      expect([length, codeOf(() => decodeCbor(sample.subarray(0, length)))]).toEqual([length, "truncated"]);
  });

  test("nothing at the limits: 16 deep, 65,536 bytes, ±(2^53 - 1)", () => {
    expect(codeOf(() => decodeCbor(bytesOf(`${"81".repeat(15)}80`)))).toBeUndefined();
    const bytes = new Uint8Array(65536);
    bytes.set([0x59, 0xff, 0xfd]);
    expect(decodeCbor(bytes)).toHaveLength(65533);
    const more = new Uint8Array(65537);
    more.set([0x59, 0xff, 0xfe]);
    expect(codeOf(() => decodeCbor(more))).toBe("too-large");
    expect(decodeCbor(bytesOf("1b001fffffffffffff"))).toBe(Number.MAX_SAFE_INTEGER);
    expect(decodeCbor(bytesOf("3b001ffffffffffffe"))).toBe(Number.MIN_SAFE_INTEGER);
  });
});

describe("CborReader names what it expected", () => {
  const rows: [string, string, (reader: CborReader) => unknown, string][] = [
    ["uint", "20", (r) => r.uint(), "expected an unsigned integer, found a negative integer"],
    ["int", "40", (r) => r.int(), "expected an integer, found a byte string"],
    ["bytes", "60", (r) => r.bytes(), "expected a byte string, found a text string"],
    ["text", "80", (r) => r.text(), "expected a text string, found an array"],
    ["array", "a0", (r) => r.array(), "expected an array, found a map"],
    ["map", "c400", (r) => r.map(), "expected a map, found a tag"],
    ["tag", "00", (r) => r.tag(), "expected a tag, found an unsigned integer"],
    ["enter", "80", (r) => r.enter(), "expected a byte string, found an array"],
  ];
  test.each(rows)("%s", (_name, hex, read, message) => {
    const error = cborError(() => read(new CborReader(bytesOf(hex))));
    expect(error?.code).toBe("unexpected");
    expect(error?.message).toBe(`${message} (unexpected at byte 0)`);
  });
});

test("CborReader.peekMajor reads nothing, and finds nothing at the end", () => {
  const reader = new CborReader(bytesOf("20"));
  expect([reader.peekMajor(), reader.offset, reader.int()]).toEqual([1, 0, -1]);
  expect(codeOf(() => reader.peekMajor())).toBe("truncated");
});

describe("CborReader in a byte string", () => {
  test("reads to its end and goes on after it", () => {
    const reader = new CborReader(bytesOf("42 1818 07"));
    const outer = reader.enter();
    expect([reader.uint(), reader.atEnd]).toEqual([24, true]);
    reader.leave(outer);
    expect([reader.uint(), reader.atEnd]).toEqual([7, true]);
  });

  test("calls its end unexpected, since no bytes that still come would mend it", () => {
    const reader = new CborReader(bytesOf("41 18 18"));
    reader.enter();
    expect(codeOf(() => reader.uint())).toBe("unexpected");
  });

  test("calls the input's end truncated", () => {
    expect(codeOf(() => new CborReader(bytesOf("42 18")).enter())).toBe("truncated");
  });

  test("refuses to leave before its end", () => {
    const reader = new CborReader(bytesOf("42 01 02"));
    const outer = reader.enter();
    reader.uint();
    expect(codeOf(() => reader.leave(outer))).toBe("trailing-bytes");
  });
});
