import { afterEach, describe, expect, test } from "@jest/globals";
import { Journal } from "../../../agent/journal/journal.js";
import { Losses } from "../../../agent/journal/losses.js";
import { IdRanges } from "../../../agent/journal/ranges.js";
import { Records } from "../../../agent/journal/record.js";
import type { Flash } from "../../../agent/ports/flash.js";
import { Violation } from "./model.js";
import { Torture, type TortureOptions } from "./torture.js";

/** Seeds within which each sabotage must be found, and the cuts of each. */
const SEEDS = 40;
const CUTS = 60;

type Method = (this: object, ...args: never[]) => unknown;

const mends: (() => void)[] = [];

/** Replaces a method, private ones too, until the test ends. Throws where there is none of that name. */
function replace(prototype: object, name: string, make: (original: Method) => Method): void {
  const found = Object.getOwnPropertyDescriptor(prototype, name);
  const original: unknown = found?.value ?? found?.get;
  if (found === undefined || typeof original !== "function") throw new Error(`nothing is called ${name}`);
  const changed = make(original as Method);
  const replaced = found.get === undefined ? { ...found, value: changed } : { ...found, get: changed };
  Object.defineProperty(prototype, name, replaced);
  mends.push(() => Object.defineProperty(prototype, name, found));
}

afterEach(() => {
  for (const mend of mends.splice(0)) mend();
});

/** What the torture says of the first seed that finds something. */
function find(options: Omit<TortureOptions, "seed">): string | undefined {
  for (let seed = 1; seed <= SEEDS; seed++) {
    try {
      new Torture({ seed, ...options }).run(CUTS);
    } catch (error) {
      if (!(error instanceof Violation)) throw error; // the sabotage itself does not work
      return `seed ${seed}: ${(error as Error).message}`;
    }
  }
  return undefined;
}

/** Holds back what is programmed until something else is programmed or erased. */
function lazy(flash: Flash): Flash {
  let waiting: (() => void) | undefined;
  let held: [number, Uint8Array] = [0, new Uint8Array(0)];
  const flush = () => {
    const go = waiting;
    waiting = undefined;
    go?.();
  };
  return {
    size: flash.size,
    sectorBytes: flash.sectorBytes,
    programBytes: flash.programBytes,
    read(address, into) {
      flash.read(address, into);
      if (waiting === undefined) return;
      const [at, bytes] = held;
      for (let i = Math.max(0, at - address); i < into.length && address + i < at + bytes.length; i++)
        into[i] = bytes[address + i - at] as number;
    },
    program(address, data) {
      flush();
      held = [address, data.slice()];
      const [, bytes] = held;
      waiting = () => flash.program(address, bytes);
    },
    erase(address) {
      flush();
      flash.erase(address);
    },
  };
}

function changed(flash: Flash, change: Partial<Flash>): Flash {
  return {
    size: flash.size,
    sectorBytes: flash.sectorBytes,
    programBytes: flash.programBytes,
    read: (address, into) => flash.read(address, into),
    program: (address, data) => flash.program(address, data),
    erase: (address) => flash.erase(address),
    ...change,
  };
}

interface Sectors {
  erase(sector: number): boolean;
}

const sabotages: [string, () => Omit<TortureOptions, "seed">][] = [
  ["what is programmed is flushed later", () => ({ wrap: lazy })],
  ["sectors are not erased", () => ({ wrap: (flash) => changed(flash, { erase() {} }) })],
  [
    "a torn record is trusted",
    () => {
      replace(Records.prototype, "read", (read) => {
        return function (this: Records, ...args: [number, number, number?, number?]) {
          if (Reflect.apply(read, this, args) === true) return true;
          const [address, limit, id = 0] = args;
          this.id = id;
          return this.readHead(address, limit);
        } as Method;
      });
      return {};
    },
  ],
  [
    "the next sector is erased before the losses are written down",
    () => {
      replace(Journal.prototype, "beginSector", (begin) => {
        return function (this: Sectors, sector: number) {
          this.erase((sector + 1) % 4);
          return Reflect.apply(begin, this, [sector]);
        } as Method;
      });
      return {};
    },
  ],
  [
    "a sector is used again though frames are pending in it, which are not declared",
    () => {
      replace(Losses.prototype, "add", () => () => {});
      return {};
    },
  ],
  [
    "a sector is used again before its frames count as lost",
    () => {
      replace(Journal.prototype, "evict", () => () => true);
      return {};
    },
  ],
  [
    "losses are forgotten by a reset",
    () => {
      let loading = false;
      replace(Journal.prototype, "load", (load) => {
        return function (this: Journal, sector: number) {
          loading = true;
          const last = Reflect.apply(load, this, [sector]);
          loading = false;
          return last;
        } as Method;
      });
      replace(Losses.prototype, "set", (set) => {
        return function (this: Losses, ranges: readonly object[], next: number) {
          Reflect.apply(set, this, [loading ? [] : ranges, next]);
        } as Method;
      });
      return {};
    },
  ],
  [
    "losses count as declared whatever frame is acknowledged",
    () => {
      replace(Losses.prototype, "acknowledged", (acknowledged) => {
        return function (this: Losses, _id: number, next: number) {
          Reflect.apply(acknowledged, this, [next, next]);
        } as Method;
      });
      return {};
    },
  ],
  [
    "an acknowledgement is recorded before it came",
    () => {
      replace(IdRanges.prototype, "from", (from) => {
        return function (this: IdRanges, range: number) {
          const first = Reflect.apply(from, this, [range]) as number;
          return range === 0 && this.to(0) > first + 1 ? first + 1 : first;
        } as Method;
      });
      return {};
    },
  ],
  [
    "no hole is left after what may be torn",
    () => {
      replace(Records.prototype, "longest", () => () => 0);
      return {};
    },
  ],
  [
    "the same, on a chip that can be programmed twice",
    () => {
      replace(Records.prototype, "longest", () => () => 0);
      return { chip: { overwrite: true } };
    },
  ],
  [
    "the newest frame is given out before it is known to stay",
    () => {
      replace(Journal.prototype, "begin", () => () => {});
      return { restless: true };
    },
  ],
  [
    "the sector before the newest is taken for it",
    () => {
      replace(Journal.prototype, "newest", (newest) => {
        return function (this: Journal, limit: number) {
          const sector = Reflect.apply(newest, this, [limit]) as number;
          return sector > 0 ? sector - 1 : sector;
        } as Method;
      });
      return {};
    },
  ],
  [
    "what was programmed is not read again",
    () => {
      replace(Records.prototype, "write", (write) => {
        return function (this: Records, ...args: []) {
          Reflect.apply(write, this, args);
          return true;
        } as Method;
      });
      return { sectors: 8, sectorBytes: 4096, frameBytes: 400, failing: 3 };
    },
  ],
];

describe("the torture finds a journal that was sabotaged", () => {
  test.each(sabotages)("%s", (_name, sabotage) => {
    expect(find(sabotage())).toMatch(/^seed \d+: /);
  });

  test("and nothing in one that was not", () => {
    expect(find({})).toBeUndefined();
    expect(find({ restless: true })).toBeUndefined();
    expect(find({ sectors: 8, sectorBytes: 4096, frameBytes: 400, failing: 3 })).toBeUndefined();
  });
});
