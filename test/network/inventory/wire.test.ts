import { describe, expect, test } from "@jest/globals";
import {
  MAX_PLACES,
  MAX_PLACES_BYTES,
  readFrames,
  readPlaces,
  writeFrames,
  writePlaces,
} from "../../../network/inventory/frames-wire.js";
import { MAX_QUERIES } from "../../../network/inventory/reconcile.js";
import type { Shape } from "../../../network/inventory/subtree.js";
import {
  MAX_QUESTION_BYTES,
  MAX_SUBTREES_BYTES,
  readQuestion,
  readShapes,
  SHOWN_DEPTH,
  writeQuestion,
  writeShapes,
} from "../../../network/inventory/subtree-wire.js";
import { keyOf } from "../../../network/inventory/tree.js";

const HIGH = new Uint8Array(24).fill(255);
const HASH = new Uint8Array(32).fill(7);
const bytes = (text: string) => Uint8Array.from(Buffer.from(text, "hex"));

/** As many levels as are asked for, of the longest kind. */
const full = (depth: number): Shape =>
  depth === 0
    ? { kind: "leaf", key: HIGH, digest: HASH }
    : { kind: "node", key: HIGH, bit: 191, left: full(depth - 1), right: full(depth - 1) };

describe("questions and answers about subtrees", () => {
  test("the longest of both are within their bounds, and come through", () => {
    const question = writeQuestion(Array(MAX_QUERIES).fill({ key: HIGH, bits: 192 }));
    expect(question.length).toBeLessThanOrEqual(MAX_QUESTION_BYTES);
    expect(readQuestion(question)).toHaveLength(MAX_QUERIES);
    const answer = writeShapes(Array(MAX_QUERIES).fill(full(SHOWN_DEPTH)));
    expect(answer.length).toBeLessThanOrEqual(MAX_SUBTREES_BYTES);
    expect(readShapes(answer)?.[255]).toEqual(full(SHOWN_DEPTH));
    expect(readShapes(writeShapes([undefined]))).toEqual([undefined]);
  });

  test("a prefix is read as it was written, without what is behind its bits", () => {
    const key = new Uint8Array(24).fill(255, 0, 2);
    key[1] = 0b1110_0000;
    expect(readQuestion(writeQuestion([{ key: HIGH, bits: 11 }]))).toEqual([{ key, bits: 11 }]);
  });

  test.each([
    ["nothing", ""],
    ["no prefix", "80"],
    ["bits that are not in the key", "81820940"],
    ["a key beyond its bits", "81820141ff"],
    ["more bits than a key has", "818218c1581900000000000000000000000000000000000000000000000000"],
    ["what goes on", "8182004000"],
    ["a longer head than it takes", "9801820040"],
  ])("a question of %s is refused", (_name, text) => {
    expect(readQuestion(bytes(text))).toBeUndefined();
  });

  test.each([
    ["a hash of another length", "814100"],
    ["a subtree of three", "8183000000"],
    ["what goes on", "8000"],
  ])("an answer of %s is refused", (_name, text) => {
    expect(readShapes(bytes(text))).toBeUndefined();
  });

  test("an answer with more levels or subtrees than are shown is refused", () => {
    expect(readShapes(writeShapes([full(SHOWN_DEPTH + 1)]))).toBeUndefined();
    const many = writeShapes(Array(MAX_QUERIES + 1).fill({ kind: "cut", hash: HASH }));
    expect(readShapes(many)).toBeUndefined();
  });
});

describe("questions and answers about frames", () => {
  test("come through, and where there is none", () => {
    const places = Array.from({ length: MAX_PLACES }, (_, at) => keyOf(HASH.subarray(0, 8), 1, at));
    const question = writePlaces(places);
    expect(question.length).toBeLessThanOrEqual(MAX_PLACES_BYTES);
    expect(readPlaces(question)).toEqual(places);
    const frames = [Uint8Array.of(1, 2), undefined, new Uint8Array(4096).fill(3)];
    expect(readFrames(writeFrames(frames))).toEqual(frames);
  });

  test("a place of no number, of another length, none, or too many are refused", () => {
    expect(readPlaces(writePlaces([HIGH]))).toBeUndefined();
    expect(readPlaces(writePlaces([HASH]))).toBeUndefined();
    expect(readPlaces(writePlaces([]))).toBeUndefined();
    expect(readPlaces(writePlaces(Array(MAX_PLACES + 1).fill(keyOf(HIGH.subarray(0, 8), 1, 1))))).toBe(
      undefined,
    );
  });
});
