import { describe, expect, test } from "@jest/globals";
import { type Journal, openJournal, recoveryBound } from "../../../agent/journal/journal.js";
import { Records, SECTOR } from "../../../agent/journal/record.js";
import type { Flash } from "../../../agent/ports/flash.js";
import { NorChip } from "../../../host-sim/virtual-board/flash/nor.js";
import { createRandom32 } from "../../../host-sim/virtual-board/flash/random.js";
import type { Wear } from "../../../host-sim/virtual-board/flash/wear.js";
import { createMemoryFlash } from "../../../node/ports/flash.js";
import { hasher } from "../../../node/ports/signer.js";
import { makeFrame } from "./frames.js";
import { KID, Torture } from "./torture.js";

const SECTOR_BYTES = 4096;
const FRAME_BYTES = 160;

interface Opened {
  readonly journal: Journal;
  readonly reports: number[];
  /** What was appended, by id. */
  readonly frames: Uint8Array[];
  append(): void;
}

function open(flash: Flash, boot = 1, kid = KID): Opened {
  const reports: number[] = [];
  const report = (sector: number) => void reports.push(sector);
  const journal = openJournal({
    flash,
    hasher,
    kid,
    frameBytes: 400,
    handler: { sectorFailed: report, holds: () => 0, delivered() {} },
  });
  journal.begin();
  let sequence = 0;
  const frames: Uint8Array[] = [];
  return {
    journal,
    reports,
    frames,
    append() {
      const position = { boot, sequence: sequence++ };
      const frame = makeFrame(journal.next, position, journal.prev, journal.losses, FRAME_BYTES);
      journal.append(position, frame.bytes, frame.digest);
      frames[frame.id] = frame.bytes;
    },
  };
}

describe("what the journal costs", () => {
  test.each<[string, (journal: Journal) => void]>([
    ["each acknowledged at once", (journal) => journal.acknowledge(journal.first)],
    [
      "16 under way, acknowledged in turn",
      (journal) => {
        if (journal.pending === 16) journal.acknowledge(journal.first);
      },
    ],
    [
      "16 under way, acknowledged in twos, the later first",
      (journal) => {
        if (journal.pending < 16) return;
        const { first } = journal;
        journal.acknowledge(first + 1);
        journal.acknowledge(first);
      },
    ],
  ])("at most 1.2 bytes are programmed for a byte of frame: %s", (_name, acknowledge) => {
    const chip = new NorChip({ size: 16 * SECTOR_BYTES });
    const { journal, append } = open(chip.powerOn());
    const frames = 5000;
    for (let i = 0; i < frames; i++) {
      append();
      acknowledge(journal);
    }
    const ratio = chip.counts.bytesProgrammed / (frames * FRAME_BYTES);
    expect(ratio).toBeGreaterThan(1);
    expect(ratio).toBeLessThanOrEqual(1.2);
    expect(Math.max(...chip.erasesOf) - Math.min(...chip.erasesOf)).toBeLessThanOrEqual(1);
  });

  test("after 1,000 rounds no sector was erased more than once more often than another", () => {
    const chip = new NorChip({ size: 4 * 1024, sectorBytes: 1024 });
    const opened = open(chip.powerOn());
    while (chip.erasesOf[0] !== 1000) {
      opened.append();
      if (opened.journal.pending > 3) opened.journal.acknowledge(opened.journal.first);
    }
    expect(Math.max(...chip.erasesOf) - Math.min(...chip.erasesOf)).toBeLessThanOrEqual(1);
    expect(opened.reports).toEqual([]);
  });

  test.each([3, 16, 64])("recovery of %i full sectors reads no more than is stated", (sectors) => {
    const flash = createMemoryFlash({ size: sectors * SECTOR_BYTES });
    const first = open(flash);
    for (let i = 0; i < sectors * 30; i++) first.append();
    const { journal } = open(flash, 2);
    expect(journal.pending).toBeGreaterThan(0);
    expect(journal.read).toBeGreaterThan(0);
    expect(journal.read).toBeLessThanOrEqual(recoveryBound(flash));
  });

  test("without acknowledgements it keeps what all but two sectors hold", () => {
    const sectors = 16;
    const { journal, append } = open(new NorChip({ size: sectors * SECTOR_BYTES }).powerOn());
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < 2000; i++) {
      append();
      if (journal.losses.length > 0) least = Math.min(least, journal.pending);
    }
    expect(least * FRAME_BYTES).toBeGreaterThan(0.8 * (sectors - 2) * SECTOR_BYTES);
    const [loss] = journal.losses;
    expect(loss).toEqual({ boot: 1, first: 0, last: journal.first - 1 });
  });
});

/** A chip on which a journal of `kid` has gone round, with frames pending. */
function used(kid?: typeof KID): Uint8Array {
  return usedBy(kid).image;
}

function usedBy(kid = KID) {
  const chip = new NorChip({ size: 4 * 1024, sectorBytes: 1024 });
  const opened = open(chip.powerOn(), 7, kid);
  for (let i = 0; i < 40; i++) opened.append();
  return { image: chip.image(), frames: opened.frames };
}

/** The same, as another version of the layout would have written it: whole records, with another number. */
function otherVersion(): Uint8Array {
  const image = used();
  for (let at = 0; at < image.length; at += 1024) {
    const flash = createMemoryFlash({ size: 4096, sectorBytes: 1024, bytes: image.slice() });
    const records = new Records(flash, hasher, 500);
    if (!records.read(at, at + 1024) || records.kind !== SECTOR) continue;
    const { first, second } = records;
    const body = records.body.slice();
    expect(body[1]).toBe(1); // the version
    body[1] = 2;
    const patched = createMemoryFlash({ size: 4096, sectorBytes: 1024 });
    expect(new Records(patched, hasher, 500).write(at, SECTOR, first, second, body)).toBe(true);
    patched.read(at, image.subarray(at, at + records.size(body.length)));
  }
  return image;
}

function noise(seed: number, shape: (byte: number, at: number) => number = (byte) => byte): Uint8Array {
  const random = createRandom32(seed);
  return new Uint8Array(4096).map((_, at) => shape(random() >>> 13, at));
}

describe("what is not this device's journal is not trusted, and the journal works on it", () => {
  const images: [string, () => Uint8Array][] = [
    ["another device's", () => used(KID.map((byte) => byte ^ 1))],
    ["one whose kid differs in one bit", () => used(KID.map((byte, i) => (i === 7 ? byte ^ 0x80 : byte)))],
    ["another layout version's", otherVersion],
    ["erased", () => noise(0, () => 0xff)],
    ["zeros", () => noise(0, () => 0)],
    ["random bytes", () => noise(1)],
    ["random bytes, others", () => noise(2)],
    ["few bits cleared", () => noise(3, (byte, at) => (at % 97 === 0 ? byte | 0x7f : 0xff))],
    ["few bits set", () => noise(4, (byte, at) => (at % 97 === 0 ? byte & 0x80 : 0))],
    ["bytes that count up", () => noise(5, (_, at) => at)],
  ];
  test.each(images)("%s", (_name, make) => {
    const torture = new Torture({ seed: 3, image: make() });
    torture.boot(); // the model knows of no frame
    expect(torture.journal).toMatchObject({ next: 0, first: 0, pending: 0, losses: [], boot: 0 });
    expect(torture.journal?.prev).toEqual(new Uint8Array(16));
    expect(torture.journal?.get(0)).toBeUndefined();
    torture.run(40);
    expect(torture.seen.failures).toBe(0);
  });

  test("this device's is, from the same bytes", () => {
    const flash = NorChip.from(used(), { sectorBytes: 1024 }).powerOn();
    const { journal } = open(flash, 8);
    expect(journal.boot).toBe(7);
    expect(journal.next).toBe(40);
    expect(journal.pending).toBeGreaterThan(5);
  });

  test("any single bit of the image changed: other bytes than were appended never come back", () => {
    const { image, frames } = usedBy();
    for (let bit = 0; bit < 8 * image.length; bit += 7) {
      const bytes = image.slice();
      bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
      const { journal } = open(createMemoryFlash({ size: 4096, sectorBytes: 1024, bytes }), 8);
      for (let id = journal.atLeast(0); id >= 0; id = journal.atLeast(id + 1)) {
        const frame = journal.get(id);
        const known = frames[id];
        if (frame !== undefined && !known?.every((byte, i) => byte === frame[i]))
          throw new Error(`bit ${bit}: frame ${id} is another`);
      }
    }
  });
});

describe("a sector that wears out is passed over and reported, and nothing is lost", () => {
  const wears: Wear[] = ["refuses", "stuck", "weak"];
  test.each(wears.flatMap((wear) => [0, 1, 4, 5].map((sector): [Wear, number] => [wear, sector])))(
    "%s, sector %i of 6",
    (wear, sector) => {
      const chip = new NorChip({ size: 6 * 1024, sectorBytes: 1024, random: createRandom32(sector) });
      const { journal, reports, append } = open(chip.powerOn());
      let delivered = 0;
      for (let i = 0; i < 400; i++) {
        if (i === 100) chip.wearOut(sector, wear);
        append();
        while (journal.pending > 4) {
          expect(journal.get(journal.first)?.length).toBe(FRAME_BYTES);
          journal.acknowledge(journal.first);
          delivered++;
        }
        expect(journal.losses).toEqual([]);
      }
      expect(delivered).toBe(396);
      expect(new Set(reports)).toEqual(new Set([sector]));
    },
  );

  test("with all but three", () => {
    const chip = new NorChip({ size: 6 * 1024, sectorBytes: 1024 });
    const { journal, reports, append } = open(chip.powerOn());
    for (const sector of [0, 2, 3]) chip.wearOut(sector, "refuses");
    for (let i = 0; i < 200; i++) {
      append();
      journal.acknowledge(journal.first);
    }
    expect(journal.losses).toEqual([]);
    expect(new Set(reports)).toEqual(new Set([0, 2, 3]));
  });
});

describe("a flash that cannot hold a journal is a RangeError", () => {
  test.each([
    ["two sectors", { size: 8192 }],
    ["sectors that are too small", { size: 4096, sectorBytes: 512 }],
    ["sectors that are too large", { size: 3 * 131_072, sectorBytes: 131_072 }],
  ])("%s", (_name, geometry) => {
    const act = () => open(createMemoryFlash(geometry));
    expect(act).toThrow(RangeError);
    expect(act).toThrow(/^flash: /);
  });
});
