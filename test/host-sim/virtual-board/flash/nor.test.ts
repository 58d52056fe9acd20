import { describe, expect, test } from "@jest/globals";
import { PowerCut } from "../../../../host-sim/engines/power-cut.js";
import {
  type CutPlace,
  NorChip,
  type NorFlash,
  type NorOptions,
} from "../../../../host-sim/virtual-board/flash/nor.js";
import { createRandom32 } from "../../../../host-sim/virtual-board/flash/random.js";

const SECTOR = 1024;
const SIZE = 4 * SECTOR;

function chipOf(options: Partial<NorOptions> = {}): NorChip {
  return new NorChip({ size: SIZE, sectorBytes: SECTOR, ...options });
}

function read(flash: NorFlash, address: number, length: number): Uint8Array {
  const into = new Uint8Array(length);
  flash.read(address, into);
  return into;
}

const zeros = new Uint8Array(4);
const bytes = (...values: number[]) => Uint8Array.from(values);

describe("what NOR cannot do is refused, and changes nothing", () => {
  const refused: [string, Partial<NorOptions>, RegExp, (flash: NorFlash) => void][] = [
    ["a piece programmed twice", {}, /^nor: byte 0 .*twice/, (flash) => flash.program(0, zeros)],
    [
      "the last of several pieces",
      {},
      /^nor: byte 4 .*twice/,
      (flash) => flash.program(4, new Uint8Array(8)),
    ],
    [
      "twice, with erased bytes",
      {},
      /^nor: byte 8/,
      (flash) =>
        flash.program(
          8,
          zeros.map(() => 0xff),
        ),
    ],
    [
      "a bit from 0 to 1",
      { overwrite: true },
      /^nor: .*set.* 1\b/,
      (flash) => flash.program(0, bytes(0, 4, 0, 0)),
    ],
    ["half a piece", {}, /^address: 2 bytes/, (flash) => flash.program(32, zeros.subarray(2))],
    [
      "within a piece",
      { programBytes: 8 },
      /^address: .*36/,
      (flash) => flash.program(36, new Uint8Array(8)),
    ],
    ["past the end", {}, /^address: /, (flash) => flash.program(SIZE, zeros)],
    ["within a sector", {}, /^address: 512/, (flash) => flash.erase(512)],
    ["reading past the end", {}, /^address: /, (flash) => void read(flash, SIZE - 1, 2)],
  ];
  test.each(refused)("%s", (_name, options, message, act) => {
    const chip = chipOf(options);
    const flash = chip.powerOn();
    flash.program(0, bytes(1, 2, 3, 4, 5, 6, 7, 8, 0xff, 0xff, 0xff, 0xff, 9, 9, 9, 9));
    const before = chip.image();
    const counts = { ...chip.counts };
    expect(() => act(flash)).toThrow(message);
    expect(chip.image()).toEqual(before);
    expect(chip.counts).toEqual(counts);
  });

  test("with overwrite a piece takes further zeros", () => {
    const flash = chipOf({ overwrite: true }).powerOn();
    flash.program(0, bytes(0xf0, 0xff, 0xff, 0xff));
    flash.program(0, bytes(0x30, 0x0f, 0xff, 0xff));
    expect(read(flash, 0, 4)).toEqual(bytes(0x30, 0x0f, 0xff, 0xff));
  });

  test("after an erasure the piece can be programmed again", () => {
    const flash = chipOf().powerOn();
    flash.program(SECTOR, zeros);
    flash.erase(SECTOR);
    flash.program(SECTOR, bytes(9, 9, 9, 9));
    expect(read(flash, SECTOR, 4)).toEqual(bytes(9, 9, 9, 9));
  });

  test("pieces of an image count as programmed where they are not erased", () => {
    const image = new Uint8Array(SIZE).fill(0xff);
    image[5] = 0xfe;
    const flash = NorChip.from(image, { sectorBytes: SECTOR }).powerOn();
    expect(() => flash.program(4, zeros)).toThrow(/^nor: /);
    flash.program(0, zeros);
    flash.program(8, zeros);
    expect(read(flash, 4, 4)).toEqual(bytes(0xff, 0xfe, 0xff, 0xff));
  });
});

test("programs, erases, reads and their bytes are counted", () => {
  const chip = chipOf();
  const flash = chip.powerOn();
  flash.program(0, new Uint8Array(12));
  flash.program(SECTOR, zeros);
  flash.erase(SECTOR);
  flash.erase(SECTOR);
  flash.erase(3 * SECTOR);
  read(flash, 5, 3);
  expect(chip.counts).toEqual({
    programs: 2,
    erases: 3,
    bytesProgrammed: 16,
    reads: 1,
    bytesRead: 3,
    tornPrograms: 0,
    tornErases: 0,
  });
  expect([...chip.erasesOf]).toEqual([0, 2, 0, 1]);
});

describe("a power cut", () => {
  const data = new Uint8Array(600).map((_, i) => i);
  /** Operation 0 programs sector 1, operation 1 erases it. */
  const run = (chip: NorChip) => {
    const flash = chip.powerOn();
    flash.program(SECTOR, data);
    flash.erase(SECTOR);
  };

  test.each<[string, number, CutPlace, number, number]>([
    ["before a program: nothing of it is there", 0, "before", 0xff, 0xff],
    ["after a program: all of it is there", 0, "after", 0, 599 & 0xff],
    ["before an erase: all is still there", 1, "before", 0, 599 & 0xff],
    ["after an erase: nothing is there", 1, "after", 0xff, 0xff],
  ])("%s", (_name, operation, place, first, last) => {
    const chip = chipOf();
    chip.cutAt(operation, place);
    expect(() => run(chip)).toThrow(PowerCut);
    expect(chip.cuts).toBe(1);
    const flash = chip.powerOn();
    expect([read(flash, SECTOR, 1)[0], read(flash, SECTOR + 599, 1)[0]]).toEqual([first, last]);
    expect(chip.unsettledBits).toBe(0);
  });

  test.each<[string, (flash: NorFlash) => void]>([
    ["read", (flash) => void read(flash, 0, 1)],
    ["program", (flash) => flash.program(0, zeros)],
    ["erase", (flash) => flash.erase(0)],
  ])("ends the board: every later %s of it throws, and the next board has power", (_name, act) => {
    const chip = chipOf();
    const flash = chip.powerOn();
    chip.cutAt(0, "after");
    expect(() => flash.program(4, zeros)).toThrow(PowerCut);
    for (let i = 0; i < 3; i++) expect(() => act(flash)).toThrow(PowerCut);
    expect(read(chip.powerOn(), 0, 8)).toEqual(bytes(255, 255, 255, 255, 0, 0, 0, 0));
    act(chip.powerOn());
  });

  test("between operations, likewise; and a planned cut is forgotten", () => {
    const chip = chipOf();
    const flash = chip.powerOn();
    chip.cutAt(0, "before");
    chip.powerOff();
    expect(() => flash.program(0, zeros)).toThrow(PowerCut);
    chip.powerOn().program(0, zeros);
    expect(chip.cuts).toBe(1);
  });

  test("counts programs and erases, not reads and not what is refused", () => {
    const chip = chipOf();
    const flash = chip.powerOn();
    chip.cutAt(2, "before");
    flash.program(0, zeros);
    read(flash, 0, 4);
    expect(() => flash.program(0, zeros)).toThrow(/^nor/);
    flash.erase(0);
    read(flash, 0, 4);
    expect(() => flash.program(0, zeros)).toThrow(PowerCut);
  });
});

interface Found {
  /** What was found, by class. */
  readonly classes: Map<string, number>;
  /** Bits that changed though they were firm. */
  broken: number;
}

/** Tears `times` times, reads each result 40 times over, and tells what it looked like. */
function tears(
  times: number,
  tear: (chip: NorChip, flash: NorFlash) => [address: number, before: Uint8Array, after: Uint8Array],
  preprogram = false,
): Found {
  const found: Found = { classes: new Map(), broken: 0 };
  const random = createRandom32(7);
  for (let i = 0; i < times; i++) {
    const chip = chipOf({ random, overwrite: true, preprogram });
    const [address, before, after] = tear(chip, chip.powerOn());
    const reads = Array.from({ length: 40 }, () => read(chip.powerOn(), address, before.length));
    const names = classify(before, after, reads);
    for (const name of names) found.classes.set(name, (found.classes.get(name) ?? 0) + 1);
    for (const seen of reads)
      for (let at = 0; at < seen.length; at++) {
        const same = ~((before[at] as number) ^ (after[at] as number));
        if ((((seen[at] as number) ^ (before[at] as number)) & same) !== 0) found.broken++;
      }
  }
  return found;
}

function classify(before: Uint8Array, after: Uint8Array, reads: Uint8Array[]): string[] {
  const [first, second] = reads as [Uint8Array, Uint8Array];
  const last = reads[reads.length - 1] as Uint8Array;
  const same = (a: Uint8Array, b: Uint8Array) => a.every((byte, i) => byte === b[i]);
  const steady = reads.every((seen) => same(seen, first));
  const names: string[] = [];
  const start = same(first, before) ? "nothing" : same(first, after) ? "everything" : "something";
  names.push(`${start} ${steady ? "for good" : "at first"}`);
  if (!steady && same(first, second)) names.push("changes later");
  if (!same(first, second)) names.push("reads differently twice");
  if (!steady && reads.slice(20).every((seen) => same(seen, last))) names.push("settles");
  if (reads.slice(30).some((seen) => !same(seen, last))) names.push("never settles");
  const missing = first.reduce((sum, byte, i) => sum + ones(byte ^ (after[i] as number)), 0);
  if (missing === 1) names.push("all bits but one");
  const done = first.map((byte, i) => byte ^ (before[i] as number));
  let end = done.length - 1;
  while (end >= 0 && done[end] === 0) end--;
  if (end > 0 && end < done.length - 1 && first.subarray(0, end).every((byte, i) => byte === after[i]))
    names.push("a prefix");
  return names;
}

function ones(byte: number): number {
  return byte === 0 ? 0 : (byte & 1) + ones(byte >> 1);
}

const CLASSES = [
  "nothing for good",
  "nothing at first",
  "something for good",
  "something at first",
  "everything for good",
  "everything at first",
  "changes later",
  "reads differently twice",
  "settles",
  "never settles",
  "all bits but one",
  "a prefix",
];

describe("what is torn", () => {
  const before = new Uint8Array(64).fill(0xff);
  const after = new Uint8Array(64).map((_, i) => (i * 37) & 0xf0 & 0xff);
  const ground = before.map(() => 0xf0);
  const kinds: [string, Found][] = [
    [
      "program",
      tears(1000, (chip, flash) => {
        chip.cutAt(0, "inside");
        expect(() => flash.program(128, after)).toThrow(PowerCut);
        return [128, before, after];
      }),
    ],
    [
      "program over bytes that have zeros",
      tears(1000, (chip, flash) => {
        flash.program(128, ground);
        chip.cutAt(0, "inside");
        expect(() => flash.program(128, after)).toThrow(PowerCut);
        return [128, ground, after];
      }),
    ],
    [
      "erase",
      tears(1000, (chip, flash) => {
        const old = new Uint8Array(SECTOR).map((_, i) => i * 31);
        flash.program(SECTOR, old);
        chip.cutAt(0, "inside");
        expect(() => flash.erase(SECTOR)).toThrow(PowerCut);
        return [SECTOR, old, new Uint8Array(SECTOR).fill(0xff)];
      }),
    ],
  ];
  describe.each(kinds)("%s", (_name, found) => {
    test.each(CLASSES)("sometimes: %s", (name) => {
      expect(found.classes.get(name) ?? 0).toBeGreaterThan(0);
    });

    test("bits that it should not change never change", () => {
      expect(found.broken).toBe(0);
    });
  });

  test("pages before the torn one are done and firm, those behind it untouched", () => {
    let torn = 0;
    for (let seed = 0; seed < 300; seed++) {
      const chip = chipOf({ random: createRandom32(seed) });
      chip.cutAt(0, "inside");
      expect(() => chip.powerOn().program(0, new Uint8Array(1024))).toThrow(PowerCut);
      const pages = [0, 256, 512, 768].map((at) => read(chip.powerOn(), at, 256));
      const state = pages.map((page) =>
        page.every((byte) => byte === 0) ? "d" : page.every((byte) => byte === 0xff) ? "e" : "t",
      );
      expect(state.join("")).toMatch(/^d*t?e*$/);
      if (state.includes("t")) torn++;
    }
    expect(torn).toBeGreaterThan(100);
  });

  test("an erase with preprogram leaves zeros where ones were, sometimes", () => {
    const old = new Uint8Array(SECTOR).fill(0xa5);
    const found = tears(
      50,
      (chip, flash) => {
        flash.program(SECTOR, old);
        chip.cutAt(0, "inside");
        expect(() => flash.erase(SECTOR)).toThrow(PowerCut);
        return [SECTOR, old, new Uint8Array(SECTOR).fill(0xff)];
      },
      true,
    );
    expect(found.broken).toBeGreaterThan(0);
  });
});

describe("bits that have not settled", () => {
  /** A chip with at least `least` such bits among the first 64 bytes, of which 0 was to be programmed. */
  const unsettled = (least: number): [NorChip, NorFlash] => {
    for (let seed = 0; ; seed++) {
      const chip = chipOf({ random: createRandom32(seed), overwrite: true });
      chip.cutAt(0, "inside");
      expect(() => chip.powerOn().program(0, new Uint8Array(64))).toThrow(PowerCut);
      const flash = chip.powerOn();
      for (let i = 0; i < 200; i++) read(flash, 0, 64);
      if (chip.unsettledBits >= least) return [chip, flash];
    }
  };
  const varies = (flash: NorFlash) => {
    const first = read(flash, 0, 64);
    return Array.from({ length: 100 }, () => read(flash, 0, 64)).some((seen) =>
      seen.some((byte, i) => byte !== first[i]),
    );
  };

  test("become firm where a 0 is programmed", () => {
    const [chip, flash] = unsettled(100);
    expect(varies(flash)).toBe(true);
    flash.program(0, new Uint8Array(64));
    expect(chip.unsettledBits).toBe(0);
    expect(varies(flash)).toBe(false);
    expect(read(flash, 0, 64)).toEqual(new Uint8Array(64));
  });

  test("stay so where a 1 is programmed", () => {
    const [chip, flash] = unsettled(64 * 8 - 8);
    const count = chip.unsettledBits;
    const image = chip.image();
    flash.program(0, image.map((_, i) => (i === 0 ? 0 : 0xff)).subarray(0, 4));
    expect(chip.unsettledBits).toBeGreaterThanOrEqual(count - 8);
    expect(varies(flash)).toBe(true);
  });

  test("are erased with their sector, and with no other", () => {
    const [chip, flash] = unsettled(1);
    flash.erase(SECTOR);
    expect(chip.unsettledBits).toBeGreaterThan(0);
    flash.erase(0);
    expect(chip.unsettledBits).toBe(0);
    expect(read(flash, 0, SECTOR)).toEqual(new Uint8Array(SECTOR).fill(0xff));
  });
});

describe("wear", () => {
  const pattern = new Uint8Array(256).map((_, i) => i);

  test.each([
    ["erase", (flash: NorFlash) => flash.erase(SECTOR)],
    ["program", (flash: NorFlash) => flash.program(SECTOR, zeros)],
  ])("a sector that refuses: %s throws, what it holds can be read", (_name, act) => {
    const chip = chipOf();
    const flash = chip.powerOn();
    flash.program(SECTOR + 4, zeros);
    chip.wearOut(1, "refuses");
    expect(() => act(flash)).toThrow(/^nor: sector 1 is worn/);
    expect(read(flash, SECTOR, 8)).toEqual(bytes(255, 255, 255, 255, 0, 0, 0, 0));
    flash.erase(0);
  });

  test("a sector with stuck bits is not erased wholly, and what is programmed over them is wrong", () => {
    const chip = chipOf();
    const flash = chip.powerOn();
    chip.wearOut(1, "stuck");
    flash.erase(SECTOR);
    const erased = read(flash, SECTOR, SECTOR);
    expect(erased.some((byte) => byte !== 0xff)).toBe(true);
    flash.program(SECTOR, new Uint8Array(SECTOR).fill(0xf7));
    expect(read(flash, SECTOR, SECTOR)).toEqual(erased.map((byte) => byte & 0xf7));
    expect(read(flash, SECTOR, SECTOR)).toEqual(read(flash, SECTOR, SECTOR));
  });

  test("a weak sector keeps bits that it should clear", () => {
    const chip = chipOf();
    const flash = chip.powerOn();
    chip.wearOut(1, "weak");
    flash.erase(SECTOR);
    flash.program(SECTOR, pattern);
    const wrong = read(flash, SECTOR, 256).reduce((sum, byte, i) => sum + ones(byte ^ (i & 0xff)), 0);
    expect(wrong).toBeGreaterThan(0);
    expect(wrong).toBeLessThanOrEqual(8);
  });

  test("endurance: so many erases are good, the next one is not", () => {
    const fails = (seed: number) => {
      const chip = chipOf({ endurance: 10, random: createRandom32(seed) });
      const flash = chip.powerOn();
      const round = () => {
        flash.erase(0);
        flash.program(0, pattern);
        return read(flash, 0, SECTOR).every((byte, i) => byte === (i < 256 ? i : 0xff));
      };
      for (let i = 0; i < 10; i++) expect(round()).toBe(true);
      try {
        return round() ? "is good" : "is wrong";
      } catch (error) {
        return (error as Error).message;
      }
    };
    const seen = new Set(Array.from({ length: 40 }, (_, seed) => fails(seed)));
    expect([...seen].sort()).toEqual(["is wrong", "nor: sector 0 is worn, it is not erased"]);
  });

  test("disturb: reads clear a bit now and then, and an erase mends it", () => {
    const chip = chipOf({ disturb: 100 });
    const flash = chip.powerOn();
    for (let i = 0; i < 99; i++) read(flash, 0, 64);
    expect(read(flash, SECTOR, SECTOR)).toEqual(new Uint8Array(SECTOR).fill(0xff));
    expect(chip.image()).toEqual(new Uint8Array(SIZE).fill(0xff));
    for (let i = 0; i < 5000; i++) read(flash, 0, 64);
    const changed = [...chip.image()].flatMap((byte, at) => (byte === 0xff ? [] : [at]));
    expect(changed.length).toBeGreaterThan(10);
    expect(Math.max(...changed)).toBeLessThan(64);
    flash.erase(0);
    expect(chip.image()).toEqual(new Uint8Array(SIZE).fill(0xff));
  });
});

test("the same seed and the same calls give the same bytes", () => {
  const run = (seed: number) => {
    const random = createRandom32(seed);
    const chip = chipOf({ random, disturb: 50, endurance: 5, preprogram: true });
    const seen: number[] = [];
    const calls = createRandom32(99);
    for (let i = 0; i < 2000; i++) {
      const sector = (calls() % 4) * SECTOR;
      if (calls() % 3 === 0)
        chip.cutAt(calls() % 2, (["before", "inside", "after"] as const)[calls() % 3] as CutPlace);
      try {
        const flash = chip.powerOn();
        if (calls() % 2 === 0) flash.erase(sector);
        flash.program(sector + 4 * (calls() % 200), new Uint8Array(4 * (calls() % 50)));
      } catch (error) {
        seen.push((error as Error).message.length);
      }
      seen.push(...read(chip.powerOn(), sector, 64));
    }
    return [seen, chip.image()];
  };
  expect(run(1)).toEqual(run(1));
  expect(run(1)).not.toEqual(run(2));
});
