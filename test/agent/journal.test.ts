import { describe, expect, test } from "@jest/globals";
import { openJournal, recoveryBound } from "../../agent/journal/journal.js";
import { MAX_DECLARED, MAX_LOSSES } from "../../agent/journal/losses.js";
import { createMemoryFlash } from "../../node/ports/flash.js";
import { hasher } from "../../node/ports/signer.js";
import { hexOf, testKid } from "../support/frames.js";
import { runs } from "../support/runs.js";
import { digestOf, frameAt, Logbook, type LogbookOptions, range } from "./logbook.js";

const upTo = (end: number, from = 0) => Array.from({ length: end - from }, (_, i) => from + i);
const GROUNDS: LogbookOptions[] = [
  { sectors: 3, programBytes: 4 },
  { sectors: 5, programBytes: 32 },
  { sectors: 4, programBytes: 1, sectorBytes: 4096, frameBytes: 500 },
];

describe("an empty journal", () => {
  test("has nothing, and says that nothing comes before the first frame", () => {
    const { journal, reports } = new Logbook();
    expect([journal.first, journal.next, journal.pending, journal.boot, journal.losses]).toEqual([
      0,
      0,
      0,
      0,
      [],
    ]);
    expect([journal.get(0), journal.position(0), journal.has(0)]).toEqual([undefined, undefined, false]);
    expect([journal.atLeast(0), journal.atMost(9), hexOf(journal.prev)]).toEqual([-1, -1, "00".repeat(16)]);
    journal.acknowledge(0);
    expect([journal.pending, journal.next, reports]).toEqual([0, 0, []]);
  });

  test("leaves the flash as it is until something is appended", () => {
    const book = new Logbook();
    book.reboot();
    expect(book.bytes.every((byte) => byte === 0xff)).toBe(true);
  });

  test.each([
    { name: "two sectors", size: 8192, sectorBytes: 4096, frameBytes: 200 },
    {
      name: "sectors that hold no frame beside their head",
      size: 3 * 512,
      sectorBytes: 512,
      frameBytes: 400,
    },
    { name: "sectors of more than 64 KB", size: 3 * 131_072, sectorBytes: 131_072, frameBytes: 200 },
  ])("is refused on $name", ({ size, sectorBytes, frameBytes }) => {
    const flash = createMemoryFlash({ size, sectorBytes });
    const open = () =>
      openJournal({
        flash,
        hasher,
        kid: testKid,
        frameBytes,
        handler: { sectorFailed() {}, holds: () => 0, delivered() {} },
      });
    expect(open).toThrow(RangeError);
    expect(open).toThrow(
      `flash: ${size} bytes in sectors of ${sectorBytes}; frames of ${frameBytes} bytes need 3 sectors of`,
    );
  });
});

describe("frames", () => {
  test.each(GROUNDS)("are given out as they were appended, under ids that rise by one: %j", (options) => {
    const book = new Logbook(options).add(6, (i) => 20 + 30 * i);
    expect([book.pending, book.journal.first, book.journal.next, book.journal.pending]).toEqual([
      upTo(6),
      0,
      6,
      6,
    ]);
    expect([book.flaws(), book.reports]).toEqual([[], []]);
    expect([book.journal.atLeast(2), book.journal.atMost(3), book.journal.atMost(9)]).toEqual([2, 3, 5]);
  });

  test("the newest one's hash and boot are the journal's", () => {
    const book = new Logbook().add(3);
    const last = frameAt({ boot: 1, sequence: 2 });
    expect([hexOf(book.journal.prev), book.journal.boot]).toEqual([hexOf(digestOf(last)).slice(0, 32), 1]);
    book.reboot();
    expect([hexOf(book.journal.prev), book.journal.boot]).toEqual([hexOf(digestOf(last)).slice(0, 32), 1]);
  });

  test("acknowledged out of turn: the others stay, and the first moves on when it can", () => {
    const book = new Logbook().add(4);
    for (const id of [1, 1, 2]) book.journal.acknowledge(id);
    expect([book.pending, book.journal.first, book.journal.pending]).toEqual([[0, 3], 0, 2]);
    expect([book.journal.get(1), book.journal.position(2), book.journal.has(2)]).toEqual([
      undefined,
      undefined,
      false,
    ]);
    book.journal.acknowledge(0);
    expect([book.journal.first, book.flaws()]).toEqual([3, []]);
    book.journal.acknowledge(3);
    expect([book.journal.first, book.journal.next, book.journal.pending]).toEqual([4, 4, 0]);
    expect(book.journal.losses).toEqual([]);
  });

  test("that are not there are asked for in vain", () => {
    const book = new Logbook().add(2);
    for (const id of [-1, 2, 99, 2 ** 32 - 1]) {
      expect([book.journal.get(id), book.journal.position(id), book.journal.has(id)]).toEqual([
        undefined,
        undefined,
        false,
      ]);
      book.journal.acknowledge(id);
    }
    expect(book.journal.pending).toBe(2);
  });

  test.each(GROUNDS)(
    "over all sectors are found from the oldest up, from the newest down, and in any order: %j",
    (options) => {
      const book = new Logbook({ ...options, sectors: 9 }).add(70, (i) => 100 + ((i * 37) % 90));
      const ids = book.pending;
      expect(ids.length).toBeGreaterThan(50);
      expect(ids).toEqual(upTo(70, 70 - ids.length));
      expect(book.flaws(ids)).toEqual([]);
      expect(book.flaws([...ids].reverse())).toEqual([]);
      expect(book.flaws(ids.map((_, i) => ids[(i * 29) % ids.length] as number))).toEqual([]);
      book.reboot();
      expect(book.flaws([...ids].reverse())).toEqual([]);
      expect([book.flaws(ids), book.pending]).toEqual([[], ids]);
    },
  );
});

describe("a reset", () => {
  test("keeps all that is pending, however often", () => {
    const book = new Logbook({ sectors: 8 });
    for (let boot = 1; boot <= 6; boot++) {
      book.add(3).reboot();
      expect([book.pending, book.flaws(), book.journal.boot]).toEqual([upTo(3 * boot), [], boot]);
      expect([book.journal.next, book.reports]).toEqual([3 * boot, []]);
    }
  });

  test("forgets a few acknowledgements at most", () => {
    const book = new Logbook({ sectors: 8 });
    for (let round = 0; round < 30; round++) {
      book.add(5);
      for (const id of book.pending.slice(0, 4)) book.journal.acknowledge(id);
      const before = book.pending;
      book.reboot();
      expect(book.pending.filter((id) => !before.includes(id)).length).toBeLessThanOrEqual(8);
      expect(before.filter((id) => !book.pending.includes(id))).toEqual([]);
      for (const id of book.pending) if (!before.includes(id)) book.journal.acknowledge(id);
    }
    expect(book.flaws()).toEqual([]);
  });

  test.each(GROUNDS)("reads no more than its bound: %j", (options) => {
    const book = new Logbook(options);
    for (let round = 0; round < 40; round++) {
      book.add(1 + (round % 5));
      for (const id of book.pending.slice(0, 3)) book.journal.acknowledge(id);
      book.reboot();
      expect(book.journal.read).toBeLessThanOrEqual(recoveryBound(book.flash));
    }
  });

  test("without what the boot before wrote down loses nothing either", () => {
    const book = new Logbook({ sectors: 8 }).add(5);
    book.resumption = undefined;
    book.reboot();
    expect(book.pending).toEqual(upTo(5));
    book.add(3);
    book.resumption = undefined;
    book.reboot();
    expect([book.pending, book.flaws(), book.reports]).toEqual([upTo(8), [], []]);
  });
});

describe("without room", () => {
  /** A full journal, of which so many frames have gone. */
  function full(frames: number, options: LogbookOptions = { sectors: 3 }) {
    const book = new Logbook(options).add(frames);
    expect(book.journal.first).toBeGreaterThan(0);
    return book;
  }

  test("the oldest go, a sector at a time, and it is said which", () => {
    const book = full(60);
    const { first } = book.journal;
    expect(book.pending).toEqual(upTo(60, first));
    expect([book.journal.losses, book.flaws()]).toEqual([[range(1, 0, first - 1)], []]);
    // One sector of three is erased: what one holds, at least, is there.
    expect(60 - first).toBeGreaterThan(9);
  });

  test("what was acknowledged is no loss", () => {
    const book = new Logbook({ sectors: 3 });
    for (let i = 0; i < 300; i++) {
      book.add(1);
      book.journal.acknowledge(i);
    }
    expect([book.journal.pending, book.journal.losses, book.reports]).toEqual([0, [], []]);
  });

  test("one frame that is not acknowledged goes when its sector is needed, and it alone is lost", () => {
    const book = new Logbook({ sectors: 3 });
    for (let i = 0; i < 100 && book.journal.losses.length === 0; i++) {
      book.add(1);
      if (i !== 2) book.journal.acknowledge(i);
    }
    expect([book.journal.pending, book.journal.losses]).toEqual([0, [range(1, 2)]]);
  });

  test("the frame that pushes the oldest out declares what was known before, the next one declares those, too", () => {
    const book = new Logbook({ sectors: 3 });
    let declared = book.journal.losses;
    let pushed = -1;
    for (let i = 0; i < 40 && pushed < 0; i++) {
      declared = book.journal.losses;
      book.add(1);
      if (book.journal.losses.length > 0) pushed = i;
    }
    expect(declared).toEqual([]);
    const { losses } = book.journal;
    for (const id of book.pending) if (id <= pushed) book.journal.acknowledge(id);
    expect(book.journal.losses).toEqual(losses);
    book.add(1);
    book.journal.acknowledge(pushed + 1);
    expect(book.journal.losses).toEqual([]);
  });

  test("losses outlive a reset, until a frame that declares them is acknowledged", () => {
    const book = full(60);
    const before = book.journal.first;
    book.reboot();
    // What a boot writes first may cost another sector.
    const { first, losses } = book.journal;
    expect([first >= before, losses]).toEqual([true, [range(1, 0, first - 1)]]);
    for (const id of book.pending) book.journal.acknowledge(id);
    expect(book.journal.losses).toEqual(losses); // they were signed in a boot of which nobody knows what they declared
    book.add(1);
    book.journal.acknowledge(60);
    expect(book.journal.losses).toEqual([]);
    book.add(9);
    for (const id of book.pending) book.journal.acknowledge(id);
    book.reboot();
    expect(book.journal.losses).toEqual([]);
  });

  test("frames of more boots than are remembered as lost are not given up: the new frame is refused", () => {
    const book = new Logbook({ sectors: 12 });
    while (book.boot <= MAX_LOSSES + 12 && book.journal.losses.length === 0) {
      book.add(1);
      book.reboot();
    }
    const refused = () => {
      for (let i = 0; i < 500; i++) {
        book.add(1);
        if (i % 3 === 0) book.reboot();
      }
    };
    expect(refused).toThrow("journal: full, and losses of too many boots wait to be declared");
    expect([book.journal.losses.length, book.flaws()]).toEqual([MAX_DECLARED, []]);
    const { next } = book.journal;
    const before = book.pending;
    const position = { boot: book.boot, sequence: 1000 };
    const frame = frameAt(position);
    expect(() => book.journal.append(position, frame, digestOf(frame))).toThrow("too many boots");
    expect([book.journal.next, book.pending]).toEqual([next, before]);
    // Acknowledged, they make room again.
    for (const id of before) book.journal.acknowledge(id);
    book.add(60);
    expect(book.flaws()).toEqual([]);
  });

  test("a loss that was told of is declared, and stays over a reset once something was written", () => {
    const book = new Logbook().add(2);
    book.journal.lose(range(1, 2, 3));
    expect(book.journal.losses).toEqual([range(1, 2, 3)]);
    book.add(1);
    book.journal.acknowledge(0);
    book.journal.acknowledge(1);
    book.reboot();
    expect(book.journal.losses).toEqual([range(1, 2, 3)]);
  });
});

test.each(GROUNDS)(
  "round after round all sectors are erased alike, and each piece is programmed once: %j",
  (options) => {
    const book = new Logbook(options);
    const { flash } = book;
    const piece = flash.programBytes;
    const erases = new Array<number>(flash.size / flash.sectorBytes).fill(0);
    const flaws: string[] = [];
    let programmed = 0;
    book.flash = {
      ...flash,
      program(address, data) {
        for (let at = 0; at < data.length; at += piece)
          if (book.bytes.subarray(address + at, address + at + piece).some((byte) => byte !== 0xff))
            if (data.subarray(at, at + piece).some((byte) => byte !== 0xff))
              flaws.push(`${address + at} twice`);
        programmed += data.length;
        flash.program(address, data);
      },
      erase(address) {
        erases[address / flash.sectorBytes] = (erases[address / flash.sectorBytes] ?? 0) + 1;
        flash.erase(address);
      },
    };
    book.reboot();
    const frames = runs(3000, 400);
    for (let i = 0; i < frames; i++) {
      book.add(1);
      book.journal.acknowledge(i);
    }
    expect([flaws, book.reports, book.journal.losses]).toEqual([[], [], []]);
    expect(Math.max(...erases) - Math.min(...erases)).toBeLessThanOrEqual(1);
    expect(Math.min(...erases)).toBeGreaterThan(2);
    // 150 bytes each; with pieces of 32 bytes, a record's end takes more.
    const overhead = programmed / (150 * frames);
    expect(overhead).toBeLessThan(piece === 32 ? 1.4 : 1.25);
  },
);
