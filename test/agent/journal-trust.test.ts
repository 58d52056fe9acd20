import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { recoveryBound } from "../../agent/journal/journal.js";
import { Records, SECTOR } from "../../agent/journal/record.js";
import { hasher } from "../../node/ports/signer.js";
import { hexOf } from "../support/frames.js";
import { runs } from "../support/runs.js";
import { frameAt, Logbook, range } from "./logbook.js";

describe("what is not this device's journal is never trusted", () => {
  const overwritten = (change: (book: Logbook) => void) => {
    const book = new Logbook().add(20);
    change(book);
    book.reboot();
    return book;
  };
  /** Writes each sector's head again, with another byte at this offset of its body. */
  const forge = ({ bytes, flash }: Logbook, at: number, value: number) => {
    const records = new Records(flash, hasher, flash.sectorBytes);
    for (let start = 0; start < bytes.length; start += flash.sectorBytes) {
      if (!records.read(start, start + flash.sectorBytes)) continue;
      expect(records.kind).toBe(SECTOR);
      const { first, second } = records;
      const body = records.body.slice();
      body[at] = value;
      bytes.fill(0xff, start, start + records.size(body.length));
      records.write(start, SECTOR, first, second, body);
    }
  };
  const noise = (seed: number) => {
    let state = seed;
    return () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state >>> 24;
    };
  };

  test("of this test's own forgery: the same byte again is a journal", () => {
    const book = overwritten((one) => forge(one, 1, 1));
    expect([book.journal.pending, book.flaws()]).toEqual([20, []]);
  });

  test.each<{ name: string; change: (book: Logbook) => void }>([
    { name: "another device's", change: (book) => (book.kid = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)) },
    { name: "of a device whose kid differs in its last byte", change: (book) => forge(book, 10, 0x99) },
    { name: "of another layout", change: (book) => forge(book, 1, 2) },
    { name: "of another shape", change: (book) => forge(book, 0, 0x80) },
    {
      name: "random bytes",
      change: ({ bytes }) => {
        const next = noise(7);
        for (let i = 0; i < bytes.length; i++) bytes[i] = next();
      },
    },
    { name: "zeros", change: ({ bytes }) => void bytes.fill(0) },
  ])("$name", ({ change }) => {
    const book = overwritten(change);
    const own = book.reports.length;
    expect([book.journal.pending, book.journal.losses]).toEqual([0, []]);
    const { next } = book.journal;
    book.positions.length = 0;
    book.add(30);
    expect([book.pending.at(-1), book.flaws(), book.reports.length]).toEqual([next + 29, [], own]);
    book.reboot();
    expect([book.flaws(), book.pending.at(-1)]).toEqual([[], next + 29]);
  });

  test("property: with any bytes changed, what is given out is a frame that was appended, under its own id", () => {
    const hit = fc.record({
      at: fc.nat(4 * 2048 - 1),
      value: fc.nat(255),
      length: fc.constantFrom(1, 1, 2, 30, 300),
    });
    fc.assert(
      fc.property(
        fc.array(hit, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 60 }),
        (hits, frames) => {
          const book = new Logbook().add(frames);
          for (const { at, value, length } of hits) book.bytes.fill(value, at, at + length);
          book.reboot();
          expect(book.journal.read).toBeLessThanOrEqual(recoveryBound(book.flash));
          for (const id of book.pending) {
            const position = book.positions[id];
            const frame = book.journal.get(id)?.slice();
            // Those that cannot be read leave, and are told of.
            if (frame === undefined) expect(book.journal.has(id)).toBe(false);
            else if (position !== undefined) expect(hexOf(frame)).toBe(hexOf(frameAt(position)));
          }
          book.add(1);
          const last = book.journal.get(book.journal.next - 1);
          expect(hexOf(last as Uint8Array)).toBe(hexOf(frameAt({ boot: 2, sequence: 0 })));
        },
      ),
      { numRuns: runs(150, 8), seed: 500 },
    );
  });
});

describe("a frame that can no longer be read", () => {
  test("leaves, is told of, and is declared lost by where it stood", () => {
    const book = new Logbook().add(5);
    const needle = hexOf(frameAt({ boot: 1, sequence: 2 }));
    const at = hexOf(book.bytes).indexOf(needle) / 2;
    book.bytes[at + 70] = (book.bytes[at + 70] as number) ^ 4;
    expect(book.journal.get(2)).toBeUndefined();
    expect([book.pending, book.journal.losses]).toEqual([[0, 1, 3, 4], [range(1, 2)]]);
    expect(book.reports).toEqual(["0: a frame can no longer be read"]);
    expect(book.flaws()).toEqual([]);
  });
});
