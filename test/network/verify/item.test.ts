import { expect, test } from "@jest/globals";
import { type Frame, parseFrame } from "../../../agent/frame/parse.js";
import { Item } from "../../../network/verify/item.js";
import { makeFrame, reading } from "../../support/frames.js";

const { frame } = parseFrame(makeFrame()) as { readonly frame: Frame };

test("a frame that waited is read again once, and let go when it was judged", () => {
  const item = new Item(frame, "00".repeat(16), undefined);
  item.rest();
  const read = item.frame;
  expect(read).not.toBe(frame);
  expect(read).toEqual(frame);
  expect(item.frame).toBe(read);
  item.judged();
  expect(item.frame).not.toBe(read);
  expect(item.frame).toEqual(frame);
});

test("one that never waited is as it was read", () => {
  const item = new Item(frame, "00".repeat(16), undefined);
  item.judged();
  expect(item.frame).toBe(frame);
});

test("one that was judged at once is not put away", () => {
  const item = new Item(frame, "00".repeat(16), undefined);
  item.judged();
  item.rest();
  expect(item.frame).toBe(frame);
});

test.each([8, 255])("%d readings wait as a copy: what came with them may change", (count) => {
  const bytes = makeFrame(Array.from({ length: count }, (_, i) => reading("temperature", "Cel", i, 0)));
  const buffer = Buffer.concat([Buffer.alloc(100), bytes]);
  const { frame: view } = parseFrame(buffer.subarray(100)) as { readonly frame: Frame };
  const item = new Item(view, "00".repeat(16), undefined);
  item.rest();
  buffer.fill(0);
  for (let times = 0; times < 2; times++) {
    expect([...item.frame.bytes]).toEqual([...bytes]);
    expect([...item.frame.readings].map(({ mantissa }) => mantissa)).toEqual(
      Array.from({ length: count }, (_, i) => i),
    );
    item.rest();
  }
});
