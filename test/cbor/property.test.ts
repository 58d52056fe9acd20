import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { readUtf8, utf8Length, writeUtf8 } from "../../agent/cbor/utf8.js";
import { type CborKey, CborTagged, type CborValue, decodeCbor } from "../../agent/cbor/value.js";
import { decodeByCborX } from "./cbor-x.js";
import { encoded } from "./encoded.js";

const SEED = { seed: 8949, numRuns: 500 };

const integer = fc.oneof(
  fc.maxSafeInteger(),
  fc.integer(),
  fc.constantFrom(
    0,
    23,
    24,
    255,
    256,
    65535,
    65536,
    2 ** 32 - 1,
    2 ** 32,
    -1,
    -24,
    -25,
    -257,
    -(2 ** 32) - 1,
  ),
);
const text = fc.string({ unit: "binary" });
const bytes = fc.uint8Array({ maxLength: 300 });
const key: fc.Arbitrary<CborKey> = fc.oneof(integer, text);

/** At most 16 deep, as deep as decodeCbor goes. */
const values = fc.letrec<{ value: CborValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 6, depthSize: "small" },
    integer,
    text,
    bytes,
    fc.array(tie("value"), { maxLength: 30 }),
    fc
      .array(fc.tuple(key, tie("value")), { maxLength: 30 })
      .map((entries): CborValue => new Map(entries.map(([k, v]) => [k === 0 ? 0 : k, v]))),
    fc.tuple(integer, integer).map((parts): CborValue => new CborTagged(4, parts)),
    tie("value").map((value): CborValue => new CborTagged(18, value)),
  ),
}));

describe("whatever encodeCbor writes", () => {
  test("decodeCbor reads back", () => {
    fc.assert(
      fc.property(values.value, (value) => {
        expect(decodeCbor(encoded(value, 2 ** 20), { bytes: 2 ** 20 })).toEqual(normal(value));
      }),
      SEED,
    );
  });

  test("cbor-x reads as the same", () => {
    fc.assert(
      fc.property(values.value, (value) => {
        expect(decodeByCborX(encoded(value, 2 ** 20))).toEqual(normal(value));
      }),
      SEED,
    );
  });
});

/** -0 and 0 are one integer. */
function normal(value: CborValue): CborValue {
  if (value === 0) return 0;
  if (Array.isArray(value)) return value.map(normal);
  if (value instanceof Map) return new Map([...value].map(([k, v]) => [k, normal(v)]));
  if (value instanceof CborTagged) return new CborTagged(value.tag, normal(value.value));
  return value;
}

describe("UTF-8", () => {
  test("writes what TextEncoder writes, lone surrogates too", () => {
    const encoder = new TextEncoder();
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 0xffff })), (units) => {
        const string = String.fromCharCode(...units);
        const ours = new Uint8Array(utf8Length(string));
        expect(writeUtf8(string, ours, 0)).toBe(ours.length);
        expect(ours).toEqual(encoder.encode(string));
      }),
      SEED,
    );
  });

  test("goes on after the last code point of one UTF-16 unit, and after the first of two", () => {
    const text = "\uffffa\u{10000}b";
    const bytes = new Uint8Array(utf8Length(text));
    expect(writeUtf8(text, bytes, 0)).toBe(9);
    expect(readUtf8(bytes, 0, 9)).toBe(text);
  });

  test("writes and reads each code point that there is, as TextEncoder has it", () => {
    const encoder = new TextEncoder();
    const wrong: number[] = [];
    const ours = new Uint8Array(4);
    for (let point = 0; point <= 0x10ffff; point += point < 0x10100 || point > 0x10ff00 ? 1 : 61) {
      const character = String.fromCodePoint(point);
      const theirs = encoder.encode(character);
      const end = writeUtf8(character, ours, 0);
      const written = utf8Length(character) === end && theirs.every((byte, i) => byte === ours[i]);
      const isSurrogate = point >= 0xd800 && point <= 0xdfff;
      const read = isSurrogate || readUtf8(theirs, 0, theirs.length) === character;
      if (!written || end !== theirs.length || !read) wrong.push(point);
    }
    expect(wrong).toEqual([]);
  });

  /** undefined where a strict TextDecoder throws. */
  function strict(input: Uint8Array): string | undefined {
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(input);
    } catch {
      return undefined;
    }
  }

  test("reads and refuses what TextDecoder does: every string of 1 and 2 bytes", () => {
    const differing: number[] = [];
    for (let pair = 0; pair <= 0xffff; pair++) {
      const input = Uint8Array.of(pair >> 8, pair & 0xff);
      if (readUtf8(input, 0, 2) !== strict(input)) differing.push(pair);
      if (readUtf8(input, 1, 2) !== strict(input.subarray(1))) differing.push(pair);
    }
    expect(differing).toEqual([]);
  });

  test("reads and refuses what TextDecoder does: each second byte of 3 and 4, at the ranges' edges", () => {
    const differing: string[] = [];
    for (let lead = 0xe0; lead <= 0xff; lead++)
      for (let second = 0x7f; second <= 0xc0; second++)
        for (const last of [0x80, 0xbf])
          for (const length of [3, 4]) {
            const input = Uint8Array.of(lead, second, last, last).subarray(0, length);
            if (readUtf8(input, 0, length) !== strict(input))
              differing.push(Buffer.from(input).toString("hex"));
          }
    expect(differing).toEqual([]);
  });

  test("reads and refuses what TextDecoder does: longer strings, near the edges of each range", () => {
    const edge = fc.constantFrom(
      ...[0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf],
      ...[0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xf8, 0xff],
    );
    fc.assert(
      fc.property(fc.array(edge, { minLength: 1, maxLength: 8 }), (list) => {
        const input = Uint8Array.from(list);
        expect(readUtf8(input, 0, input.length)).toBe(strict(input));
      }),
      { seed: 3629, numRuns: 20000 },
    );
  });
});
