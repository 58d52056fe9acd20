import { describe, expect, test } from "@jest/globals";
import { hex } from "../../../agent/cose/kid.js";
import type { Frame } from "../../../agent/frame/parse.js";
import { parseFrame } from "../../../agent/frame/parse.js";
import { HeldFrames } from "../../../network/witness/held-frames.js";
import { hasher } from "../../../node/ports/signer.js";
import { makeFrame, reading, testKid } from "../../support/frames.js";

const device = hex(testKid);

/** A device's frames, two of each boot, each with the one before it. */
function chain(length: number): Frame[] {
  const frames: Frame[] = [];
  let prev: Uint8Array<ArrayBufferLike> = new Uint8Array(16);
  for (let i = 0; i < length; i++) {
    const bytes = makeFrame([reading()], { boot: 1 + (i >> 1), sequence: i & 1, prev });
    frames.push((parseFrame(bytes) as { frame: Frame }).frame);
    const digest = new Uint8Array(32);
    hasher.sha256(bytes, digest, 0);
    prev = digest.subarray(0, 16);
  }
  return frames;
}

const place = ({ boot, sequence }: { boot: number; sequence: number }) => `${boot}/${sequence}`;
const dueOf = (held: HeldFrames) => [...held.due()].map(({ from, to }) => `${place(from)}-${place(to)}`);
const frames = chain(8);
const add = (held: HeldFrames, ...numbers: number[]) => {
  for (const number of numbers) held.add(frames[number] as Frame);
};

describe("what a witness tells a device", () => {
  test("is one range for all frames without a gap, over boots, in whatever order they came", () => {
    const held = new HeldFrames(hasher);
    add(held, 2, 0, 3, 1, 4);
    expect([...held.due()]).toEqual([
      { device, from: { boot: 1, sequence: 0 }, to: { boot: 3, sequence: 0 } },
    ]);
  });

  test("is told once, and again where a frame of it came again", () => {
    const held = new HeldFrames(hasher);
    add(held, 0, 1);
    expect(dueOf(held)).toEqual(["1/0-1/1"]);
    expect(dueOf(held)).toEqual([]);
    add(held, 1);
    expect(dueOf(held)).toEqual(["1/0-1/1"]);
    expect(held.again(device, { boot: 1, sequence: 0 })).toBe(true);
    expect(dueOf(held)).toEqual(["1/0-1/1"]);
    expect(held.again(device, { boot: 9, sequence: 0 })).toBe(false);
    expect(dueOf(held)).toEqual([]);
  });

  test("reaches over no frame that is missing, until it comes", () => {
    const held = new HeldFrames(hasher);
    add(held, 0, 1, 3, 4);
    expect([dueOf(held), dueOf(held), dueOf(held)]).toEqual([["1/0-1/1"], ["2/1-3/0"], []]);
    add(held, 2);
    expect(dueOf(held)).toEqual(["1/0-3/0"]);
  });

  test("is nothing of what it read at its start", () => {
    const held = new HeldFrames(hasher);
    held.add(frames[0] as Frame, false);
    expect(dueOf(held)).toEqual([]);
    add(held, 1);
    expect(dueOf(held)).toEqual(["1/0-1/1"]);
  });

  test("is bounded: of many stretches the oldest is forgotten", () => {
    const held = new HeldFrames(hasher);
    const many = chain(140).filter((_, i) => i % 2 === 0);
    for (const frame of many) held.add(frame);
    let count = 0;
    while (dueOf(held).length > 0) count++;
    expect(count).toBe(64);
    expect(held.again(device, { boot: 1, sequence: 0 })).toBe(false);
    expect(held.again(device, { boot: 70, sequence: 0 })).toBe(true);
  });
});
