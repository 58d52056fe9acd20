import { expect, test } from "@jest/globals";
import { type Frame, parseFrame } from "../../../agent/frame/parse.js";
import { Item } from "../../../network/verify/item.js";
import { makeFrame } from "../../support/frames.js";

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
