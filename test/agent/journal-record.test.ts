import { describe, expect, test } from "@jest/globals";
import { FRAME, HEAD_BYTES, RESUME, Records, SEAL, SECTOR, STATE } from "../../agent/journal/record.js";
import { SectorIndex } from "../../agent/journal/sector-index.js";
import { createMemoryFlash } from "../../node/ports/flash.js";
import { hasher } from "../../node/ports/signer.js";
import { hexOf } from "../support/frames.js";
import { digestOf } from "./logbook.js";

const LIMIT = 1024;

function chip(programBytes = 4) {
  const bytes = new Uint8Array(LIMIT).fill(0xff);
  const flash = createMemoryFlash({ size: LIMIT, sectorBytes: LIMIT, programBytes, bytes });
  return { bytes, flash, records: new Records(flash, hasher, 300) };
}

const BODY = Uint8Array.from({ length: 37 }, (_, i) => 200 - i);
const ID = 77;

/** A chip with a frame at address 64. */
function written() {
  const all = chip();
  expect(all.records.write(64, FRAME, 3, 4_000_000_000, BODY, ID)).toBe(true);
  return all;
}

describe("a record", () => {
  test.each([
    { programBytes: 1, length: 0, size: 16 },
    { programBytes: 1, length: 37, size: 53 },
    { programBytes: 4, length: 37, size: 56 },
    { programBytes: 4, length: 40, size: 56 },
    { programBytes: 32, length: 0, size: 32 },
    { programBytes: 32, length: 16, size: 32 },
    { programBytes: 32, length: 17, size: 64 },
  ])("of $length bytes takes $size bytes of flash in pieces of $programBytes", (row) => {
    const { records, bytes } = chip(row.programBytes);
    expect(records.size(row.length)).toBe(row.size);
    records.write(0, FRAME, 1, 2, new Uint8Array(row.length), 0);
    const end = hexOf(bytes).replace(/(ff)+$/, "").length / 2;
    expect(end).toBeLessThanOrEqual(HEAD_BYTES + row.length);
  });

  test("is read as it was written", () => {
    const { records, flash } = written();
    const other = new Records(flash, hasher, 300);
    expect(other.read(64, LIMIT, ID)).toBe(true);
    expect([other.kind, other.length, other.first, other.second, other.id]).toEqual([
      FRAME,
      37,
      3,
      4_000_000_000,
      ID,
    ]);
    expect([hexOf(other.body), hexOf(other.digest)]).toEqual([hexOf(BODY), hexOf(digestOf(BODY))]);
    expect([other.bytesRead, records.read(64, 64 + 53, ID)]).toEqual([53, true]);
  });

  test.each([
    { name: "its own id", id: ID, ids: 1, found: true },
    { name: "the id before it", id: ID - 1, ids: 1, found: false },
    { name: "the id after it", id: ID + 1, ids: 9, found: false },
    { name: "ids of which it is the last", id: ID - 3, ids: 4, found: true },
    { name: "ids that end before it", id: ID - 3, ids: 3, found: false },
  ])("of a frame, asked for as $name, is one: $found", ({ id, ids, found }) => {
    const { records } = written();
    expect(records.read(64, LIMIT, id, ids)).toBe(found);
    if (found) expect(records.id).toBe(ID);
  });

  test.each([SECTOR, SEAL, STATE, RESUME])("of kind %i has no id", (kind) => {
    const { records } = chip();
    expect(records.write(0, kind, 1, 2, BODY)).toBe(true);
    expect([records.read(0, LIMIT, 5), records.read(0, LIMIT, 6), records.kind]).toEqual([true, true, kind]);
  });

  test.each([
    { name: "the kind", from: 0, to: 1 },
    { name: "its complement", from: 1, to: 2 },
    { name: "the length", from: 2, to: 4 },
    { name: "the check", from: 4, to: 8 },
    { name: "the first number", from: 8, to: 12 },
    { name: "the second number", from: 12, to: 16 },
    { name: "the body", from: 16, to: 53 },
  ])("with any one bit of $name turned is none", ({ from, to }) => {
    const { bytes, records } = written();
    for (let at = 64 + from; at < 64 + to; at++)
      for (let bit = 0; bit < 8; bit++) {
        const before = bytes[at] as number;
        bytes[at] = before ^ (1 << bit);
        expect([at, bit, records.read(64, LIMIT, ID, 16)]).toEqual([at, bit, false]);
        bytes[at] = before;
      }
    expect(records.read(64, LIMIT, ID)).toBe(true);
  });

  test("with the same bit turned in any two of its fields is none", () => {
    const { bytes, records } = written();
    const fields = [68, 72, 76, 96]; // check, first, second, and a place of the body
    for (const a of fields)
      for (const b of fields)
        for (let bit = 0; a < b && bit < 32; bit++) {
          const [i, j, mask] = [a + (bit >> 3), b + (bit >> 3), 1 << (bit & 7)];
          for (const at of [i, j]) bytes[at] = (bytes[at] as number) ^ mask;
          expect([a, b, bit, records.read(64, LIMIT, ID, 16)]).toEqual([a, b, bit, false]);
          for (const at of [i, j]) bytes[at] = (bytes[at] as number) ^ mask;
        }
  });

  test("of which only a part was programmed is none", () => {
    const { bytes, records } = written();
    const whole = bytes.slice();
    for (let end = 64; end < 64 + 53; end++) {
      bytes.fill(0xff, end, 128);
      expect([end, records.read(64, LIMIT, ID)]).toEqual([end, false]);
      bytes.set(whole);
    }
  });

  test("that would end behind the limit, or is longer than any, is none", () => {
    const { bytes, records } = written();
    expect([records.read(64, 64 + 52, ID), records.read(64, 64 + 15, ID)]).toEqual([false, false]);
    bytes[66] = 0xff;
    bytes[67] = 0x01;
    expect(records.read(64, LIMIT, ID)).toBe(false);
  });

  test("that the flash does not keep is told of", () => {
    const { flash } = chip();
    const broken = {
      ...flash,
      program: (at: number, data: Uint8Array) =>
        flash.program(
          at,
          data.map((byte) => byte & 0xfe),
        ),
    };
    expect(new Records(broken, hasher, 300).write(0, SEAL, 0, 0)).toBe(false);
    const other = createMemoryFlash({ size: LIMIT, sectorBytes: LIMIT });
    const silent = { ...other, program() {} };
    expect(new Records(silent, hasher, 300).write(0, SEAL, 0, 0)).toBe(false);
  });

  test("may be written over another one's bytes: that is told of, too", () => {
    const { records } = written();
    expect(records.write(64, FRAME, 3, 5, BODY, ID + 1)).toBe(false);
  });
});

describe("the search for a record", () => {
  test.each([1, 4, 8, 32])(
    "finds what looks like one at a whole piece of %i bytes, and nothing else",
    (programBytes) => {
      const { bytes, records } = chip(programBytes);
      const put = (at: number, kind: number, other = kind ^ 0xff) => bytes.set([kind, other], at);
      put(2 * programBytes + 608, FRAME);
      put(96, FRAME, 0xb8);
      put(128, 0x00);
      expect(records.seek(0, LIMIT)).toBe(2 * programBytes + 608);
      expect(records.seek(2 * programBytes + 608, LIMIT)).toBe(2 * programBytes + 608);
      expect(records.seek(3 * programBytes + 608, LIMIT)).toBe(LIMIT);
      if (programBytes > 1) {
        put(64 + 1, FRAME);
        expect(records.seek(0, LIMIT)).toBe(2 * programBytes + 608);
      }
    },
  );

  test("finds one wherever the buffer ends, and none behind the limit", () => {
    for (let at = 280; at < 360; at++) {
      const { bytes, records } = chip(1);
      bytes.set([SEAL, SEAL ^ 0xff], at);
      expect(records.seek(0, LIMIT)).toBe(at);
      expect(records.seek(0, at + 2)).toBe(at);
      expect(records.seek(0, at + 1)).toBe(at + 1);
    }
  });
});

describe("the index of a sector", () => {
  const index = (...offsets: number[]) => {
    const made = new SectorIndex(4096);
    made.begin(2, 9, 100);
    for (const [i, offset] of offsets.entries()) made.add(100 + i, offset);
    return made;
  };

  test("of none has nothing", () => {
    const none = new SectorIndex(4096);
    expect([none.sector, none.count, none.has(0), none.isFull]).toEqual([-1, 0, false, false]);
  });

  test("knows where its frames are", () => {
    const some = index(32, 200, 400);
    expect([some.count, some.end, some.has(99), some.has(100), some.has(102), some.has(103)]).toEqual([
      3,
      103,
      false,
      true,
      true,
      false,
    ]);
    expect([100, 101, 102].map((id) => some.at(id))).toEqual([32, 200, 400]);
  });

  test("counts frames that are missing before one, and gives them no place", () => {
    const some = index(32);
    some.add(103, 900);
    expect([some.count, [100, 101, 102, 103].map((id) => some.at(id))]).toEqual([4, [32, 0, 0, 900]]);
  });

  test("is full with as many frames as there may be", () => {
    const some = index(...Array.from({ length: 40 }, (_, i) => 100 * i + 1));
    expect([some.count, some.isFull, some.has(131), some.has(132)]).toEqual([32, true, true, false]);
    some.begin(3, 10, 132);
    expect([some.count, some.isFull, some.has(132)]).toEqual([0, false, false]);
  });

  test.each([
    { name: "nothing is void", offset: 900, next: 103, offsets: [32, 200, 400] },
    { name: "the last frame is void", offset: 400, next: 102, offsets: [32, 200] },
    { name: "all are void", offset: 32, next: 100, offsets: [] },
    {
      name: "a frame that could be read then, and cannot now",
      offset: 900,
      next: 104,
      offsets: [32, 200, 400, 0],
    },
    { name: "frames that nobody was given", offset: 900, next: 101, offsets: [32] },
  ])("where a boot begins: $name", ({ offset, next, offsets }) => {
    const some = index(32, 200, 400);
    some.resume(offset, next);
    expect([some.end, offsets.map((_, i) => some.at(100 + i))]).toEqual([next, offsets]);
  });
});
