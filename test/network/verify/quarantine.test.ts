import { expect, test } from "@jest/globals";
import type { Frame } from "../../../agent/frame/parse.js";
import { Quarantine } from "../../../network/verify/quarantine.js";
import { hasher } from "../../../node/ports/signer.js";

/** A frame takes 200 bytes beside its own. */
const SIZE = 100;
const TAKES = SIZE + 200;

/** Frame `number` of the stranger `kid`, as far as the quarantine looks at it. */
function frame(kid: number, number = 0): Frame {
  const bytes = new Uint8Array(SIZE);
  new DataView(bytes.buffer).setUint32(0, kid);
  new DataView(bytes.buffer).setUint32(4, number);
  return { kid: bytes.slice(0, 8).fill(0, 4), bytes } as Frame;
}

/** `frames`: how many have room. */
function quarantineOf(frames: number) {
  const dropped: string[] = [];
  const quarantine = new Quarantine(frames * TAKES, hasher, ({ bytes }) => {
    const view = new DataView(bytes.buffer);
    dropped.push(`${view.getUint32(0)}/${view.getUint32(4)}`);
  });
  return { quarantine, dropped };
}

test("a frame that comes again is here once", () => {
  const { quarantine } = quarantineOf(80);
  const add = (number: number) => quarantine.add(frame(1, number), undefined);
  expect([add(0), add(1), add(1), add(0)]).toEqual(["first", "more", "again", "again"]);
  expect(quarantine.frames).toBe(2);
  expect(quarantine.take(quarantine.kids[0] as string)).toHaveLength(2);
  expect([quarantine.frames, quarantine.kids]).toEqual([0, []]);
});

test("one stranger fills an eighth of the room, and loses its oldest frames", () => {
  const { quarantine, dropped } = quarantineOf(80);
  for (let number = 0; number < 13; number++) quarantine.add(frame(1, number), undefined);
  expect(quarantine.frames).toBe(10);
  expect(dropped).toEqual(["1/0", "1/1", "1/2"]);
});

test("where the room is full, whoever has most loses its oldest", () => {
  const { quarantine, dropped } = quarantineOf(16);
  for (let kid = 1; kid <= 8; kid++)
    for (let number = 0; number < 2; number++) quarantine.add(frame(kid, number), undefined);
  expect(dropped).toEqual([]);
  quarantine.add(frame(9), undefined);
  expect(quarantine.frames).toBe(16);
  expect(dropped).toEqual(["1/0"]);
});

test("of more than 1,000 strangers, the one that was silent for longest goes", () => {
  const { quarantine, dropped } = quarantineOf(3000);
  for (let kid = 1; kid <= 1000; kid++) quarantine.add(frame(kid), undefined);
  quarantine.add(frame(1, 1), undefined);
  quarantine.add(frame(1001), undefined);
  expect(quarantine.kids).toHaveLength(1000);
  expect(dropped).toEqual(["2/0"]);
});
