import { describe, expect, test } from "@jest/globals";
import { readBundle } from "../../../network/log/bundle.js";
import { type Checkpoint, readCheckpoint } from "../../../network/log/checkpoint.js";
import { createLog, type Log } from "../../../network/log/log.js";
import { readNote } from "../../../network/log/note.js";
import { verifyConsistency } from "../../../network/log/proof-check.js";
import { TILE_WIDTH, tileAt, tilePath } from "../../../network/log/tile.js";
import type { LogFiles } from "../../../network/ports/log-files.js";
import { noteChecker as checker } from "../../../node/ports/note-keys.js";
import { hexOf } from "../../support/frames.js";
import { entriesOf, memoryLogFiles, noteKey, plainLeaf, plainRoot, tree } from "../../support/logs.js";

const ORIGIN = "witness.example/log";
const key = noteKey(ORIGIN);
/** Entries of each append: partial tiles, full ones, and both at once. */
const BATCHES = [1, 2, 250, 3, 5, 251, 1, 270];

/** The machine stops here. */
class Crash extends Error {}

/** A disk, and all checkpoints that were ever on it. */
class Disk {
  readonly contents = new Map<string, Uint8Array>();
  readonly checkpoints: Checkpoint[] = [];
  #changes = 0;

  /** Files that are written until the machine stops: at the change `crash` from here, before it or behind it. */
  files(crash = Number.POSITIVE_INFINITY, isDone = false): LogFiles {
    const files = memoryLogFiles(this.contents);
    const end = this.#changes + crash;
    const change = (make: () => void) => {
      if (this.#changes > end) throw new Crash();
      const isLast = this.#changes++ === end;
      if (!isLast || isDone) make();
      if (isLast) throw new Crash();
    };
    return {
      ...files,
      write: (path, bytes) =>
        change(() => {
          files.write(path, bytes);
          if (path === "checkpoint") this.checkpoints.push(readCheckpoint(readNote(bytes).text));
        }),
      forget: (path) => change(() => files.forget(path)),
    };
  }

  get changes(): number {
    return this.#changes;
  }
}

type Sabotage = (files: LogFiles) => LogFiles;

const open = (files: LogFiles) => createLog({ files, checker, origin: ORIGIN, key });

/** The entries below a checkpoint of `size`: each bundle is read once, which `entry` does for each of its entries. */
const entriesIn = (contents: ReadonlyMap<string, Uint8Array>, size: number): Uint8Array[] =>
  Array.from({ length: Math.ceil(size / TILE_WIDTH) }, (_, index) => {
    const tile = tileAt("entries", index, size);
    const bundle = contents.get(tilePath(tile));
    return (bundle && readBundle(bundle, tile.width)) ?? [];
  }).flat();

/** Appends until it crashes, or to the end. Returns the entries whose append returned. */
function run(disk: Disk, files: LogFiles, batches: readonly number[], mark: string): Uint8Array[] {
  const told: Uint8Array[] = [];
  try {
    const log = open(files);
    told.push(...entriesIn(disk.contents, log.size));
    for (const batch of batches) {
      const entries = entriesOf(told.length, told.length + batch, mark);
      log.append(entries);
      told.push(...entries);
    }
  } catch (error) {
    if (!(error instanceof Crash)) throw error;
  }
  return told;
}

/** What is wrong with what is on a disk after a crash; undefined where all is well. */
function fault(disk: Disk, told: readonly Uint8Array[]): string | undefined {
  try {
    return faultOf(disk, open(disk.files()), told);
  } catch (error) {
    return (error as Error).message;
  }
}

function faultOf({ contents, checkpoints }: Disk, log: Log, told: readonly Uint8Array[]): string | undefined {
  if (log.size < told.length) return `${log.size} entries, and ${told.length} were acknowledged`;
  const entries = entriesIn(contents, log.size);
  if (entries.length < log.size) return `${entries.length} entries below a checkpoint of ${log.size}`;
  const lost = told.findIndex((entry, at) => hexOf(entry) !== hexOf(entries[at] as Uint8Array));
  if (lost >= 0) return `entry ${lost} is another one`;
  const root = plainRoot(entries.map(plainLeaf));
  if (hexOf(root) !== hexOf(log.root)) return "the root is not that of the entries";
  const other = checkpoints.find(
    ({ size, root: old }) =>
      size > log.size || !verifyConsistency(tree, size, old, log.size, root, log.consistency(size)),
  );
  return other && `not consistent with the checkpoint of ${other.size}`;
}

/** Every way to crash once in BATCHES, and what was wrong after it and after some more appends. */
function crashes(sabotage: Sabotage = (files) => files): { count: number; faults: string[] } {
  const whole = new Disk();
  run(whole, sabotage(whole.files()), BATCHES, "");
  const faults: string[] = [];
  for (let at = 0; at < whole.changes; at++)
    for (const isDone of [false, true]) {
      const disk = new Disk();
      const told = run(disk, sabotage(disk.files(at, isDone)), BATCHES, "");
      const found = fault(disk, told) ?? fault(disk, run(disk, disk.files(), [1, 260, 2], " again"));
      if (found !== undefined) faults.push(`change ${at}, ${isDone ? "done" : "not done"}: ${found}`);
    }
  return { count: whole.changes, faults };
}

describe("after a crash at any write", () => {
  test("a log opens, has all that it acknowledged, and contradicts no checkpoint that was ever written", () => {
    const { count, faults } = crashes();
    expect(faults).toEqual([]);
    expect(count).toBeGreaterThan(30);
  });

  test("and at any write of what follows it", () => {
    const faults: string[] = [];
    for (let first = 0; first < 30; first += 3)
      for (let second = 0; second < 12; second++) {
        const disk = new Disk();
        run(disk, disk.files(first), [3, 254, 2, 260], "");
        const told = run(disk, disk.files(second, second % 2 === 0), [2, 256, 1], " again");
        const found = fault(disk, told);
        if (found !== undefined) faults.push(`changes ${first} and ${second}: ${found}`);
      }
    expect(faults).toEqual([]);
  });
});

describe("it is found out", () => {
  test("that a checkpoint is written before what is below it", () => {
    const checkpointFirst: Sabotage = (files) => {
      let held: [string, Uint8Array][] = [];
      return {
        ...files,
        read: (path) => held.find(([name]) => name === path)?.[1] ?? files.read(path),
        write(path, bytes) {
          if (path !== "checkpoint") {
            held.push([path, bytes]);
            return;
          }
          files.write(path, bytes);
          for (const [name, content] of held) files.write(name, content);
          held = [];
        },
      };
    };
    expect(crashes(checkpointFirst).faults.join("\n")).toMatch(/is missing/);
  });

  test("that a file is lost which was said to be written", () => {
    for (const lost of ["tile/0/000", "tile/entries/000", "tile/1/000.p/1", "tile/0/001.p/5"]) {
      const forgetful: Sabotage = (files) => ({
        ...files,
        write: (path, bytes) => (path === lost ? undefined : files.write(path, bytes)),
      });
      expect(crashes(forgetful).faults).not.toEqual([]);
    }
  });

  test("that partial tiles are dropped before the checkpoint goes beyond them", () => {
    const hasty: Sabotage = (files) => ({
      ...files,
      write(path, bytes) {
        if (path === "checkpoint") files.forget("tile/0/000.p");
        files.write(path, bytes);
      },
    });
    expect(crashes(hasty).faults).not.toEqual([]);
  });
});
