import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { CborReader } from "../../../agent/cbor/reader.js";
import { decodeCbor } from "../../../agent/cbor/value.js";
import { type Frame, parseFrame } from "../../../agent/frame/parse.js";
import { FrameWriter } from "../../../agent/frame/write.js";
import { bytesOf, hexOf, makeFrame, reading, testSigner } from "../../support/frames.js";
import { bufferBytes } from "../../support/memory.js";
import { runs } from "../../support/runs.js";
import { cborError, codeOf, encoded } from "../cbor/encoded.js";
import { GOLDEN_BYTES } from "./golden.js";
import { createPrng, hostileInput } from "./mutate.js";

const CORPUS = [
  GOLDEN_BYTES,
  makeFrame([reading()], { clock: 0 }),
  makeFrame([reading("count", "count", -70000, 0, 1234)], { clock: 1, uptime: 2 ** 32 }),
  makeFrame(
    [0, 1, 2, 3].map((i) => reading(i % 2 === 0 ? "a" : "b", "m", 11 * i, -1, 500 * i)),
    { boot: 40, dropped: [0, 10, 20].map((boot) => ({ boot, first: boot, last: boot + 3 })) },
  ),
  makeFrame(Array.from({ length: 90 }, (_, i) => reading("a", "m", i, 0))),
  // Parts by themselves, for decodeCbor.
  GOLDEN_BYTES.subarray(4, 58),
  GOLDEN_BYTES.subarray(61, 130),
  bytesOf("a5 00 01 17 02 1818 03 20 04 6161 05"),
  bytesOf("83 c4 82 20 01 d2 80 81 81 81 1b 001fffffffffffff"),
];

/** Heads read since the last test began: each costs the decoder the same, so their number is its work. */
let heads = 0;
const { head } = CborReader.prototype;
beforeAll(() => {
  CborReader.prototype.head = function (this: CborReader) {
    heads++;
    return head.call(this);
  };
});
afterAll(() => {
  CborReader.prototype.head = head;
});
beforeEach(() => {
  heads = 0;
});

/** The frame written again from what was read in it, with the signature that it came with. */
function rewritten(frame: Frame): Uint8Array {
  const writer = new FrameWriter(frame.network, frame.kid, 4096);
  writer.begin({ ...frame, time: frame.time ?? 0 }, frame.readings.length);
  for (const r of frame.readings) writer.reading(r.name, r.unit, r.mantissa, r.exponent, r.age);
  const { publicKey, sha256 } = testSigner;
  return writer.finish({ publicKey, sha256, sign: (_digest, into, at) => into.set(frame.signature, at) });
}

/** Of each seed. */
const INPUTS = runs(10_000, 500);

describe("random and mutated inputs, in ten seeds", () => {
  const seen = { decoded: 0, frames: 0, codes: new Set<string>(), verdicts: new Set<string>() };

  test.each(Array.from({ length: 10 }, (_, i) => 1000 + i))("seed %d", (seed) => {
    const random = createPrng(seed);
    for (let i = 0; i < INPUTS; i++) {
      const input = hostileInput(random, CORPUS);
      judge(input, `seed ${seed}, input ${i}: ${hexOf(input)}`);
    }
  });

  /** Plain comparisons: `expect` would take most of the time. */
  function judge(input: Uint8Array, name: string): void {
    heads = 0;
    let value: ReturnType<typeof decodeCbor> | undefined;
    const error = cborError(() => {
      value = decodeCbor(input);
    });
    if (error !== undefined) seen.codes.add(error.code);
    if (heads > input.length + 1) throw new Error(`${heads} heads to decode ${name}`);
    if (value !== undefined) {
      seen.decoded++;
      if (hexOf(encoded(value)) !== hexOf(input))
        throw new Error(`decoded, but of another encoding: ${name}`);
    }

    heads = 0;
    const result = parseFrame(input);
    if (heads > input.length + 1) throw new Error(`${heads} heads to parse ${name}`);
    seen.verdicts.add("failure" in result ? result.failure.verdict : "ok");
    if ("failure" in result) return;
    seen.frames++;
    if (hexOf(rewritten(result.frame)) !== hexOf(input))
      throw new Error(`a frame of another encoding: ${name}`);
    if (value === undefined) throw new Error(`a frame that is not CBOR: ${name}`);
  }

  test("went where they should: each verdict, most codes, and many that pass", () => {
    expect([...seen.verdicts].sort()).toEqual(["high-s", "malformed", "non-canonical", "ok"]);
    expect(seen.codes.size).toBeGreaterThanOrEqual(14);
    expect(seen.decoded).toBeGreaterThan(INPUTS / 2);
    expect(seen.frames).toBeGreaterThan(INPUTS / 5);
  });
});

describe("64 KB made to cost much", () => {
  const SIZE = 65536;
  /** `start`, then `filler` over and over. */
  const filled = (start: string, filler: string) => {
    const first = bytesOf(start);
    const rest = bytesOf(filler);
    return Uint8Array.from(
      { length: SIZE },
      (_, i) => first[i] ?? (rest[(i - first.length) % rest.length] as number),
    );
  };
  const HOSTILE: [name: string, input: Uint8Array, code: string | undefined, heads: number][] = [
    ["nested arrays", filled("", "81"), "too-deep", 16],
    ["nested maps", filled("", "a100"), "too-deep", 31],
    ["nested tags", filled("", "d2"), "too-deep", 16],
    ["an array of 2^53 - 1", filled("9b 001fffffffffffff", "00"), "truncated", 1],
    ["an array of 2^32 - 1", filled("9a ffffffff", "00"), "truncated", 1],
    ["a map of 2^32 - 1", filled("ba ffffffff", "00"), "truncated", 1],
    ["a map of 2^52", filled("bb 0010000000000000", "00"), "truncated", 1],
    ["a byte string of 2^53 - 1", filled("5b 001fffffffffffff", "00"), "truncated", 1],
    ["a text of 2^32 - 1", filled("7a ffffffff", "61"), "truncated", 1],
    ["arrays that each claim all that is left", filled("", "99 8000"), "too-deep", 16],
    ["an array of 65,533 integers", filled("99 fffd", "00"), undefined, 65534],
    ["a map that repeats its key", filled("b9 7ffe", "0000"), "duplicate-key", 4],
    ["an array of empty maps", filled("99 fffd", "a0"), undefined, 65534],
  ];
  test.each(HOSTILE)("%s", (_name, input, code, headsRead) => {
    const before = bufferBytes();
    expect(codeOf(() => decodeCbor(input))).toBe(code);
    expect(heads).toBe(headsRead);
    expect(bufferBytes() - before).toBeLessThan(SIZE);
    expect(parseFrame(input)).toHaveProperty("failure");
  });

  test("byte strings come back as views of the input", () => {
    const input = filled("59 fffd", "00");
    expect((decodeCbor(input) as Uint8Array).buffer === input.buffer).toBe(true);
  });

  test("what is longer than any frame is refused unread", () => {
    expect(parseFrame(GOLDEN_BYTES)).toHaveProperty("frame");
    const readForAFrame = heads;
    expect(parseFrame(filled(hexOf(GOLDEN_BYTES), "00"))).toHaveProperty("failure.verdict", "malformed");
    expect(heads).toBe(readForAFrame);
  });
});
