import { describe, expect, test } from "@jest/globals";
import { InputError } from "../../../agent/input-error.js";
import { readCheckpoint } from "../../../network/log/checkpoint.js";
import { createLog, type Log } from "../../../network/log/log.js";
import { readNote, signatureLine } from "../../../network/log/note.js";
import { COSIGNATURE, createVerifierKey } from "../../../network/log/note-key.js";
import { cosignText } from "../../../network/log/note-signature.js";
import { verifyConsistency, verifyInclusion } from "../../../network/log/proof-check.js";
import { noteChecker as checker } from "../../../node/ports/note-keys.js";
import { hexOf } from "../../support/frames.js";
import { entriesOf, memoryLogFiles, noteKey, plainLeaf, plainRoot, tree } from "../../support/logs.js";

const ORIGIN = "witness.example/log";
const key = noteKey(ORIGIN);

function open(contents: Map<string, Uint8Array>, known?: Uint8Array): Log {
  return createLog({ files: memoryLogFiles(contents), checker, origin: ORIGIN, key, known });
}

const checkpointOf = (log: Log) => readCheckpoint(readNote(log.checkpoint).text);

describe("a log", () => {
  test("begins with a checkpoint of no entries", () => {
    const contents = new Map<string, Uint8Array>();
    const log = open(contents);
    expect(log.size).toBe(0);
    expect([...contents.keys()]).toEqual(["checkpoint"]);
    expect(checkpointOf(log)).toEqual({ origin: ORIGIN, size: 0, root: tree.empty });
    expect(log.consistency(0)).toEqual([]);
  });

  test("has the same root, entries and proofs however it grew, and after it was opened again", () => {
    const all = entriesOf(0, 600);
    const leaves = all.map(plainLeaf);
    const contents = new Map<string, Uint8Array>();
    let log = open(contents);
    const sizes: number[] = [];
    for (const batch of [1, 1, 3, 250, 1, 2, 255, 80, 7]) {
      expect(log.append(all.slice(log.size, log.size + batch))).toBe(sizes.at(-1) ?? 0);
      log = open(contents);
      sizes.push(log.size);
      expect(log.root).toEqual(plainRoot(leaves.slice(0, log.size)));
      expect(checkpointOf(log)).toEqual({ origin: ORIGIN, size: log.size, root: log.root });
    }
    expect(sizes.at(-1)).toBe(600);
    for (const size of [1, 2, 5, 255, 256, 257, 511, 512, 513, 600]) {
      const root = plainRoot(leaves.slice(0, size));
      for (const index of [0, 1, 254, 255, 256, 512, size - 1].filter((at) => at < size))
        expect(
          verifyInclusion(tree, index, size, leaves[index] as Uint8Array, log.inclusion(index, size), root),
        ).toBe(true);
      for (const old of [...sizes, 256, 512].filter((at) => at <= size))
        expect(
          verifyConsistency(
            tree,
            old,
            plainRoot(leaves.slice(0, old)),
            size,
            root,
            log.consistency(old, size),
          ),
        ).toBe(true);
    }
    expect(all.map((_, at) => hexOf(log.entry(at)))).toEqual(all.map(hexOf));
  });

  test("of 70,000 entries has the tiles of tlog-tiles' example", () => {
    const all = entriesOf(0, 70_000);
    const contents = new Map<string, Uint8Array>();
    const log = open(contents);
    log.append(all.slice(0, 65_000));
    log.append(all.slice(65_000));
    expect(log.root).toEqual(plainRoot(all.map(plainLeaf)));
    const tiles = [...contents.keys()].filter((path) => path !== "checkpoint");
    const count = (pattern: RegExp) => tiles.filter((path) => pattern.test(path)).length;
    expect(count(/^tile\/0\/\d{3}$/)).toBe(273);
    expect(count(/^tile\/entries\/\d{3}$/)).toBe(273);
    expect(tiles.filter((path) => path.includes(".p/") || !/^tile\/(0|entries)/.test(path)).sort()).toEqual([
      "tile/0/273.p/112",
      "tile/1/000",
      "tile/1/001.p/17",
      "tile/2/000.p/1",
      "tile/entries/273.p/112",
    ]);
    expect(open(contents).root).toEqual(log.root);
    const leaf = plainLeaf(all[66_666] as Uint8Array);
    expect(verifyInclusion(tree, 66_666, 70_000, leaf, log.inclusion(66_666), log.root)).toBe(true);
  });

  test("keeps partial tiles until there is the full one", () => {
    const contents = new Map<string, Uint8Array>();
    const log = open(contents);
    log.append(entriesOf(0, 3));
    log.append(entriesOf(3, 5));
    expect([...contents.keys()].sort()).toEqual([
      "checkpoint",
      ...["tile/0/000.p/3", "tile/0/000.p/5", "tile/entries/000.p/3", "tile/entries/000.p/5"],
    ]);
    log.append(entriesOf(5, 256));
    expect([...contents.keys()].sort()).toEqual([
      "checkpoint",
      "tile/0/000",
      "tile/1/000.p/1",
      "tile/entries/000",
    ]);
  });

  test("takes entries of 0 to 65,535 bytes, as they are when they are given", () => {
    const log = open(new Map());
    const entry = new Uint8Array(65_535).fill(1);
    log.append([entry, new Uint8Array(0)]);
    entry.fill(2);
    log.append(entriesOf(2, 3));
    expect(log.entry(0)[7]).toBe(1);
    expect(log.entry(1)).toHaveLength(0);
    expect(() => log.append([new Uint8Array(65_536)])).toThrow(InputError);
    expect(log.append([])).toBe(3);
  });

  test("has no entries and no proofs beyond its end", () => {
    const log = open(new Map());
    log.append(entriesOf(0, 3));
    for (const wrong of [3.5, -1, Number.NaN, 2 ** 53]) {
      expect(() => log.entry(wrong)).toThrow(InputError);
      expect(() => log.inclusion(wrong)).toThrow(InputError);
      expect(() => log.consistency(wrong)).toThrow(InputError);
    }
    expect(() => log.entry(3)).toThrow(InputError);
    expect(() => log.inclusion(3)).toThrow(InputError);
    expect(() => log.inclusion(0, 4)).toThrow(InputError);
    expect(() => log.consistency(1, 4)).toThrow(InputError);
    expect(() => log.inclusion(2, 2)).toThrow(InputError);
  });

  test("shows the cosignatures that it was given, and drops them with the next entry", () => {
    const contents = new Map<string, Uint8Array>();
    const log = open(contents);
    const signer = noteKey("cosigner");
    const cosigner = createVerifierKey(checker, "cosigner.example", COSIGNATURE, signer.publicKey);
    const line = signatureLine(cosignText(readNote(log.checkpoint).text, 1, cosigner, signer));
    log.addCosignatures(line, [cosigner]);
    expect(readNote(open(contents).checkpoint).signatures.map(({ name }) => name)).toEqual([
      ORIGIN,
      cosigner.name,
    ]);
    log.append(entriesOf(0, 1));
    expect(readNote(log.checkpoint).signatures).toHaveLength(1);
    expect(() => log.addCosignatures(line, [cosigner])).toThrow(InputError);
  });
});

describe("a log is not opened", () => {
  const grown = () => {
    const contents = new Map<string, Uint8Array>();
    const log = open(contents);
    log.append(entriesOf(0, 300));
    return { contents, log };
  };

  test("with files older than its checkpoint", () => {
    const { contents, log } = grown();
    const older = new Map(contents);
    log.append(entriesOf(300, 310));
    older.set("checkpoint", log.checkpoint);
    expect(() => open(older)).toThrow("tile/0/001.p/54 of the log is missing");
    log.append(entriesOf(310, 512));
    older.set("checkpoint", log.checkpoint);
    expect(() => open(older)).toThrow(InputError);
  });

  test("where it had more entries than it has, or others", () => {
    const { contents, log } = grown();
    const older = new Map(contents);
    log.append(entriesOf(300, 310));
    expect(() => open(older, log.checkpoint)).toThrow("older ones");
    const restored = open(older);
    restored.append(entriesOf(300, 320, "'"));
    expect(() => open(older, log.checkpoint)).toThrow("forked");
    expect(open(contents, log.checkpoint).size).toBe(310);
  });

  test("without its checkpoint, with another log's, or with another key's", () => {
    const { contents, log } = grown();
    const other = createLog({
      files: memoryLogFiles(),
      checker,
      origin: "other.example",
      key: noteKey("other"),
    });
    contents.set("checkpoint", other.checkpoint);
    expect(() => open(contents)).toThrow("another log");
    const wrongKey = createLog({ files: memoryLogFiles(), checker, origin: ORIGIN, key: noteKey("other") });
    contents.set("checkpoint", wrongKey.checkpoint);
    expect(() => open(contents)).toThrow("did not sign");
    contents.delete("checkpoint");
    expect(() => open(contents)).toThrow("no checkpoint");
    contents.set("checkpoint", log.checkpoint);
    expect(open(contents).size).toBe(300);
  });

  test.each(["tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/001.p/44"])("with %s damaged", (path) => {
    const { contents } = grown();
    const bytes = contents.get(path) as Uint8Array;
    for (const damaged of [bytes.slice(0, -1), bytes.map((byte) => byte ^ 1), new Uint8Array(0)])
      expect(() => open(new Map(contents).set(path, damaged))).toThrow(InputError);
  });

  test("with one bit of an entry changed", () => {
    const { contents } = grown();
    const path = "tile/entries/001.p/44";
    const bundle = contents.get(path) as Uint8Array;
    const damaged = bundle.map((byte, at) => (at === bundle.length - 1 ? byte ^ 1 : byte));
    expect(() => open(new Map(contents).set(path, damaged))).toThrow("the log's entries are not those");
  });
});

test("a write that fails ends a log, until it is opened again", () => {
  const contents = new Map<string, Uint8Array>();
  const files = memoryLogFiles(contents);
  let isFull = false;
  const log = createLog({
    files: {
      ...files,
      write(path, bytes) {
        if (isFull) throw new Error("no room");
        files.write(path, bytes);
      },
    },
    checker,
    origin: ORIGIN,
    key,
  });
  isFull = true;
  expect(() => log.append(entriesOf(0, 2))).toThrow("no room");
  isFull = false;
  expect(() => log.append(entriesOf(0, 2))).toThrow("open it again");
  expect(log.size).toBe(0);
  expect(open(contents).append(entriesOf(0, 2))).toBe(0);
});
