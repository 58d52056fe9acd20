import { describe, expect, test } from "@jest/globals";
import type { CborErrorCode } from "../../../agent/cbor/error.js";
import { type CborValue, decodeCbor } from "../../../agent/cbor/value.js";
import { bytesOf, hexOf } from "../../support/frames.js";
import published from "../../vectors/rfc8949-appendix-a.json";
import { codeOf, encoded } from "./encoded.js";

interface Vector {
  readonly hex: string;
  /** Absent where JSON cannot hold the value. */
  readonly decoded?: unknown;
  readonly diagnostic?: string;
}
const vectors: readonly Vector[] = published;

/** The vectors of RFC 8949 appendix A that this codec refuses, by their bytes, and as what. */
const REFUSED: readonly [CborErrorCode, RegExp][] = [
  ["integer-range", /^[13]bffffffffffffffff$/], // 2^64 - 1 and -2^64
  ["float", /^(f9....|fa.{8}|fb.{16})$/],
  ["simple", /^(f[0-7]|f8..)$/],
  ["unsupported-tag", /^(c[0-3]|d7|d8..)/], // dates, bignums, 23, 24, 32
  ["indefinite-length", /^[579b]f/],
  ["indefinite-length", /^(83018202039f|83019f|826161bf)/], // nested
];

/** Values of our types that JSON cannot hold. */
const IN_OTHER_WORDS = new Map<string, CborValue>([
  ["40", new Uint8Array(0)],
  ["4401020304", Uint8Array.of(1, 2, 3, 4)],
  [
    "a201020304",
    new Map([
      [1, 2],
      [3, 4],
    ]),
  ],
]);

function expectedValue(vector: Vector): CborValue {
  const other = IN_OTHER_WORDS.get(vector.hex);
  return other ?? fromJson(vector.decoded);
}

function fromJson(json: unknown): CborValue {
  if (typeof json === "number" || typeof json === "string") return json;
  if (Array.isArray(json)) return json.map(fromJson);
  if (typeof json === "object" && json !== null)
    return new Map(Object.entries(json).map(([key, value]) => [key, fromJson(value)]));
  throw new Error(`no value of our types: ${JSON.stringify(json)}`);
}

const codesFor = (hex: string) => REFUSED.filter(([, rule]) => rule.test(hex)).map(([code]) => code);
const accepted = vectors.filter(({ hex }) => codesFor(hex).length === 0);
const refused = vectors.filter(({ hex }) => codesFor(hex).length > 0);
const named = (list: readonly Vector[]) =>
  list.map((vector) => ({ ...vector, name: vector.diagnostic ?? JSON.stringify(vector.decoded) }));

describe("RFC 8949 appendix A", () => {
  test("all 82 vectors are there, none under two rules", () => {
    expect([vectors.length, accepted.length, refused.length]).toEqual([82, 32, 50]);
    for (const { hex } of refused) expect(codesFor(hex)).toHaveLength(1);
  });

  test.each(named(accepted))("$hex is $name, both ways", (vector) => {
    const bytes = bytesOf(vector.hex);
    const value = decodeCbor(bytes);
    expect(value).toEqual(expectedValue(vector));
    expect(hexOf(encoded(value))).toBe(vector.hex);
  });

  test.each(named(refused))("$hex, $name, is refused", ({ hex }) => {
    expect(codeOf(() => decodeCbor(bytesOf(hex)))).toBe(codesFor(hex)[0]);
  });
});
