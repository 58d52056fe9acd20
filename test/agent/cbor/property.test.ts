import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { readUtf8, utf8Length, writeUtf8 } from "../../../agent/cbor/utf8.js";
import { decodeCbor } from "../../../agent/cbor/value.js";
import { hexOf } from "../../support/frames.js";
import { runs } from "../../support/runs.js";
import { encoded } from "./encoded.js";
import { cborValues, normal } from "./values.js";

const SEED = { seed: 8949, numRuns: runs(500, 40) };

describe("whatever encodeCbor writes", () => {
  test("decodeCbor reads back", () => {
    fc.assert(
      fc.property(cborValues, (value) => {
        expect(decodeCbor(encoded(value, 2 ** 20), { bytes: 2 ** 20 })).toEqual(normal(value));
      }),
      SEED,
    );
  });
});

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
    for (
      let point = 0;
      point <= 0x10ffff;
      point += point < 0x10100 || point > 0x10ff00 ? runs(1, 17) : 61 * runs(1, 17)
    ) {
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

  test("reads and refuses what TextDecoder does: strings of 1 and 2 bytes", () => {
    const differing: number[] = [];
    for (let pair = 0; pair <= 0xffff; pair += runs(1, 7)) {
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
            if (readUtf8(input, 0, length) !== strict(input)) differing.push(hexOf(input));
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
      { seed: 3629, numRuns: runs(20_000, 1000) },
    );
  });
});
