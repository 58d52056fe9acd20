import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { CborReader } from "../../agent/cbor/reader.js";
import { readFrame } from "../../agent/frame/parse.js";
import {
  FrameSplitter,
  type SequenceFailure,
  type SequenceFrame,
  type SequenceItem,
  splitFrames,
} from "../../network/sequence.js";
import { bytesOf, hexOf, makeFrame, reading } from "../support/frames.js";

const FRAMES = [0, 1, 2].map((sequence) =>
  makeFrame([reading(), reading("humidity", "%RH", 481, -1, 2000)], { boot: 2, sequence: sequence + 1 }),
);
const [FIRST, SECOND, THIRD] = FRAMES as [Uint8Array, Uint8Array, Uint8Array];
const FILE = concat(...FRAMES);

function concat(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function split(bytes: Uint8Array, chunkBytes = bytes.length, splitter = new FrameSplitter()): SequenceItem[] {
  const items: SequenceItem[] = [];
  for (let at = 0; at < bytes.length; at += chunkBytes)
    items.push(...splitter.push(bytes.subarray(at, at + chunkBytes)));
  return [...items, ...splitter.finish()];
}

const frames = (items: SequenceItem[]) => items.filter((item): item is SequenceFrame => !("failure" in item));
const failures = (items: SequenceItem[]) =>
  items.filter((item): item is SequenceFailure => "failure" in item);

/** `offset+length`, and the verdict of what is no frame. */
function outline(items: SequenceItem[]): string[] {
  return items.map((item) =>
    "failure" in item
      ? `${item.offset}+${item.length} ${item.failure.verdict}${item.isTorn ? " torn" : ""}`
      : `${item.offset}+${item.bytes.length}`,
  );
}

/** Every byte is in one item, in order. */
function expectAllBytes(items: SequenceItem[], input: Uint8Array): void {
  let at = 0;
  const wrong = items.filter((item) => {
    const start = at;
    at += "failure" in item ? item.length : item.bytes.length;
    const shown = input.subarray(start, start + item.bytes.length);
    return item.offset !== start || Buffer.compare(item.bytes, shown) !== 0;
  });
  expect(wrong).toEqual([]);
  expect(at).toBe(input.length);
}

describe("whole frames", () => {
  test("come out in order, each with bytes of its own", () => {
    const input = FILE.slice();
    const items = split(input);
    input.fill(0);
    expect(items.map((item) => hexOf(item.bytes))).toEqual(FRAMES.map(hexOf));
  });

  test("come out with their last byte, not later", () => {
    const splitter = new FrameSplitter();
    expect(splitter.push(FIRST.subarray(0, -1))).toEqual([]);
    expect(outline(splitter.push(FIRST.subarray(-1)))).toEqual([`0+${FIRST.length}`]);
  });

  test("an empty sequence has no items", () => expect(split(new Uint8Array(0))).toEqual([]));

  test("the generator takes chunks from anywhere", async () => {
    const offsets: number[] = [];
    for await (const item of splitFrames([FILE.subarray(0, 100), FILE.subarray(100)]))
      offsets.push(item.offset);
    expect(offsets).toEqual([0, FIRST.length, FIRST.length + SECOND.length]);
  });

  test("are passed on with any signature: the checker judges that", () => {
    const forged = FIRST.slice().fill(0xff, -64);
    expect(outline(split(forged))).toEqual([`0+${forged.length}`]);
  });

  test("are found up to the greatest length", () => {
    const ofLength = (name: number, count: number) =>
      makeFrame(Array.from({ length: count }, () => reading("x".repeat(name))));
    const fewer = Math.floor(
      (4090 - ofLength(1, 1).length) / (ofLength(1, 3).length - ofLength(1, 2).length),
    );
    const longest = ofLength(1 + 4096 - ofLength(1, fewer).length, fewer);
    expect(longest).toHaveLength(4096);
    const file = concat(longest, FIRST);
    expect(outline(split(file, 1000))).toEqual(["0+4096", `4096+${FIRST.length}`]);
  });
});

/** The outside of a frame, longer than a frame may be. */
function oversized(): Uint8Array {
  const text = new Uint8Array(5000).fill(0x61);
  return concat(bytesOf("d2 84 41 a0 a0 59 1388"), text, bytesOf("40"));
}

describe("damage", () => {
  const name = (label: string, bytes: Uint8Array, expected: string[]) => ({ label, bytes, expected });
  const one = FIRST.length;
  const unsorted = SECOND.slice();
  unsorted.set([0x03, 0x18, 0x70, 0x01, 0x38, 0x2e], 5); // content type before alg
  const longTag = concat(bytesOf("d8 12"), SECOND.subarray(1));
  const other = concat(bytesOf("d2 84 43 a1 01 26 a1 04 42 31 31 40 58 40"), new Uint8Array(64)); // a COSE_Sign1, not of ours
  const rubbish = new Uint8Array(9000).fill(0xd2);
  const cut = SECOND.subarray(0, 120);

  test.each([
    name("rubbish before", concat(bytesOf("0a"), FIRST), ["0+1 malformed", `1+${one}`]),
    name("rubbish after", concat(FIRST, bytesOf("0a 0d")), [`0+${one}`, `${one}+2 malformed`]),
    name("rubbish between", concat(FIRST, rubbish, SECOND), [
      `0+${one}`,
      `${one}+9000 malformed`,
      `${one + 9000}+${one}`,
    ]),
    name("another encoding of the header", concat(FIRST, unsorted, THIRD), [
      `0+${one}`,
      `${one}+${one} non-canonical`,
      `${2 * one}+${one}`,
    ]),
    name("two damaged frames in a row", concat(unsorted, unsorted, THIRD), [
      `0+${one} non-canonical`,
      `${one}+${one} non-canonical`,
      `${2 * one}+${one}`,
    ]),
    name("a damaged frame at the end", concat(FIRST, unsorted), [`0+${one}`, `${one}+${one} non-canonical`]),
    name("a longer tag", concat(longTag, THIRD), [`0+${one + 1} non-canonical`, `${one + 1}+${one}`]),
    name("somebody else's COSE_Sign1, twice", concat(other, other, FIRST), [
      "0+78 malformed",
      "78+78 malformed",
      `156+${one}`,
    ]),
    name("a frame cut out of the middle", concat(FIRST, cut, THIRD), [
      `0+${one}`,
      `${one}+120 malformed`,
      `${one + 120}+${one}`,
    ]),
    name("a frame cut at the end", concat(FIRST, cut), [`0+${one}`, `${one}+120 malformed torn`]),
    name("too long a frame", concat(oversized(), FIRST), ["0+5009 malformed", `5009+${one}`]),
    name("a head at the end", concat(FIRST, bytesOf("d2")), [`0+${one}`, `${one}+1 malformed torn`]),
  ])("$label", ({ bytes, expected }) => {
    const items = split(bytes);
    expect(outline(items)).toEqual(expected);
    expectAllBytes(items, bytes);
  });

  test("says what is wrong and where, counted from the start of the sequence", () => {
    const before = concat(...Array.from({ length: 1000 }, () => FIRST));
    const [failure] = failures(split(concat(before, unsorted, THIRD), 1000));
    const at = before.length + 5;
    expect(failure?.failure).toMatchObject({ verdict: "non-canonical", offset: at });
    expect(failure?.failure.detail).toMatch(new RegExp(`unsorted-keys at byte ${at}\\)$`));
    const [torn] = failures(split(concat(FIRST, cut)));
    const end = one + 120;
    expect(torn?.failure).toEqual({
      verdict: "malformed",
      detail: `the file ends in the middle of a frame at byte ${end}`,
      offset: end,
    });
  });

  test("keeps the first 4096 bytes of a long stretch", () => {
    const [failure] = failures(split(rubbish, 500));
    expect(failure?.length).toBe(9000);
    expect(failure?.bytes).toEqual(rubbish.subarray(0, 4096));
  });

  test("a flipped bit anywhere leaves the other frames whole", () => {
    const lost: string[] = [];
    for (let at = 0; at < FILE.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const bytes = FILE.slice();
        bytes[at] = (bytes[at] as number) ^ (1 << bit);
        const items = split(bytes);
        const hit = Math.floor(at / one);
        const others = FRAMES.filter((_, index) => index !== hit).length;
        const found = frames(items).filter((item) => item.offset % one === 0 && item.offset !== hit * one);
        if (found.length !== others || failures(items).length > 1) lost.push(`bit ${bit} of byte ${at}`);
      }
    }
    expect(lost).toEqual([]);
  });

  test("bytes lost anywhere in a frame cost no other frame", () => {
    for (let lost = 1; lost < one; lost += 7) {
      for (let from = 0; from + lost <= one; from += 3) {
        const bytes = concat(FIRST, SECOND.subarray(0, from), SECOND.subarray(from + lost), THIRD);
        const found = frames(split(bytes)).map((item) => item.offset);
        expect(found).toEqual(expect.arrayContaining([0, 2 * one - lost]));
      }
    }
  });

  test("a file cut anywhere gives its whole frames and one torn one", () => {
    for (let length = 0; length < FILE.length; length++) {
      const items = split(FILE.subarray(0, length));
      const whole = Math.floor(length / one);
      expect(frames(items)).toHaveLength(whole);
      const rest = length % one;
      expect(outline(items).slice(whole)).toEqual(
        rest === 0 ? [] : [`${whole * one}+${rest} malformed torn`],
      );
    }
  });
});

test("the items do not depend on the chunks", () => {
  const piece = fc.oneof(
    fc.constantFrom(...FRAMES),
    fc.uint8Array({ maxLength: 40 }),
    fc.constantFrom("d2", "d284", "d28458", "d2845850", "84", "58ff", "590fff").map(bytesOf),
    fc.tuple(fc.constantFrom(...FRAMES), fc.nat(), fc.nat(7)).map(([frame, at, bit]) => {
      const copy = frame.slice();
      copy[at % copy.length] = (copy[at % copy.length] as number) ^ (1 << bit);
      return copy;
    }),
    fc.tuple(fc.constantFrom(...FRAMES), fc.nat()).map(([frame, at]) => frame.subarray(0, at % frame.length)),
    fc.nat(6000).map((length) => new Uint8Array(length)),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), fc.integer({ min: 1, max: 5000 }), (pieces, chunk) => {
      const bytes = concat(...pieces);
      const whole = split(bytes);
      expectAllBytes(whole, bytes);
      expect(split(bytes, chunk)).toEqual(whole);
      expect(split(bytes, 1)).toEqual(whole);
    }),
    { numRuns: 150, seed: 2 },
  );
});

describe("a megabyte of hostile bytes costs few and short parses", () => {
  const MEGABYTE = 1 << 20;
  const repeat = (pattern: Uint8Array) =>
    Uint8Array.from({ length: MEGABYTE }, (_, i) => pattern[i % pattern.length] as number);

  test.each([
    ["frame starts", bytesOf("d284")],
    ["frame starts with a header of 255 bytes", bytesOf("d28458ff")],
    ["frame starts with a header of 4000 bytes", bytesOf("d284590fa0")],
    ["nested arrays", bytesOf("d2849f84")],
    ["whole outsides, nothing inside", concat(bytesOf("d28440a0405840"), new Uint8Array(64))],
    ["frames cut short", FIRST.subarray(0, 150)],
    ["zeros", bytesOf("00")],
  ])("%s", (_, pattern) => {
    const input = repeat(pattern);
    let parses = 0;
    let offered = 0;
    const watch = (reader: CborReader) => {
      parses++;
      offered += reader.end - reader.offset;
      return readFrame(reader);
    };
    const items = split(input, 65536, new FrameSplitter(watch));
    expectAllBytes(items, input);
    expect(frames(items).length).toBeLessThanOrEqual(1);
    expect(parses).toBeLessThanOrEqual(MEGABYTE / 32);
    expect(offered).toBeLessThanOrEqual(4 * MEGABYTE);
  });
});
