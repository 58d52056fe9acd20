import { spawnSync } from "node:child_process";
import fs, {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, jest, test } from "@jest/globals";
import { InputError } from "../../../agent/input-error.js";
import { createRegistry } from "../../../network/verify/registry.js";
import { openFrameStore } from "../../../node/network/store.js";
import { verifySequence } from "../../../node/network/verify-file.js";
import { hasher, keyReader, signatureChecker } from "../../../node/ports/signer.js";
import { makeFrame, reading, TEST_HEADER } from "../../support/frames.js";
import { JudgeHarness, TEST_REGISTRY } from "../../support/judge-harness.js";

const folder = mkdtempSync(join(tmpdir(), "fieldmark-store-"));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => {
  jest.restoreAllMocks();
});
let files = 0;
const newPath = () => join(folder, `${files++}.cborseq`);

/** Linked frames of one boot. */
function frames(count: number): Uint8Array[] {
  const all: Uint8Array[] = [];
  const digest = new Uint8Array(32);
  for (let sequence = 0; sequence < count; sequence++) {
    const header = { sequence, time: TEST_HEADER.time + sequence, prev: digest.slice(0, 16) };
    const frame = makeFrame([reading("temperature", "Cel", 2000 + sequence)], header);
    hasher.sha256(frame, digest, 0);
    all.push(frame);
  }
  return all;
}

/** Opens a store, says what it held, and closes it. */
function contents(path: string) {
  const replayed: Uint8Array[] = [];
  const { store, recovery } = openFrameStore(path, (frame) => replayed.push(frame));
  store.close();
  return { replayed, recovery };
}

/** Jest gives bytes that were read from files another realm's class; the content is what counts. */
const plain = (all: readonly Uint8Array[]) => all.map((one) => Buffer.from(one).toString("hex"));

describe("a file of frames", () => {
  test("is made where it is missing, and holds what was appended, in order", () => {
    const path = newPath();
    const all = frames(5);
    const { store, recovery } = openFrameStore(path, () => {});
    expect(recovery).toEqual({ frames: 0, torn: 0 });
    for (const frame of all) store.append(frame);
    expect(Buffer.concat(all).equals(readFileSync(path))).toBe(true);
    store.sync();
    store.close();
    const { replayed, recovery: found } = contents(path);
    expect(found).toEqual({ frames: 5, torn: 0 });
    expect(plain(replayed)).toEqual(plain(all));
  });

  test("is gone on with", () => {
    const path = newPath();
    const all = frames(3);
    writeFileSync(path, Buffer.concat(all.slice(0, 2)));
    const { store } = openFrameStore(path, () => {});
    store.append(all[2] as Uint8Array);
    store.close();
    expect(plain(contents(path).replayed)).toEqual(plain(all));
  });

  test("longer than what is read at a time", () => {
    const path = newPath();
    const [frame] = frames(1) as [Uint8Array];
    const count = Math.ceil((2.5 * 2 ** 20) / frame.length);
    writeFileSync(path, Buffer.concat(Array.from({ length: count }, () => frame)));
    appendFileSync(path, frame.subarray(0, 50));
    let replayed = 0;
    const { store, recovery } = openFrameStore(path, () => replayed++);
    store.close();
    expect([replayed, recovery]).toEqual([count, { frames: count, torn: 50 }]);
    expect(statSync(path).size).toBe(count * frame.length);
  });
});

describe("a file that another has open", () => {
  const lockOf = (path: string) => `${path}.lock`;

  test("is refused, and left as it is, until it is closed", () => {
    const path = newPath();
    const { store } = openFrameStore(path, () => {});
    store.append(frames(1)[0] as Uint8Array);
    const open = () => openFrameStore(path, () => {});
    expect(open).toThrow(InputError);
    expect(open).toThrow(`${path}: process ${process.pid} writes this file`);
    store.close();
    expect(existsSync(lockOf(path))).toBe(false);
    expect(contents(path).recovery).toEqual({ frames: 1, torn: 0 });
  });

  test("is the same by a link", () => {
    const path = newPath();
    const { store } = openFrameStore(path, () => {});
    const link = newPath();
    symlinkSync(path, link);
    expect(() => openFrameStore(link, () => {})).toThrow(InputError);
    store.close();
  });

  test.each<{ name: string; lock: () => string }>([
    { name: "by a process that has ended", lock: () => `${spawnSync("true").pid}\n` },
    { name: "by this process id, before this process", lock: () => `${process.pid}\n` },
    { name: "by nobody", lock: () => "" },
  ])("$name is taken over", ({ lock }) => {
    const path = newPath();
    writeFileSync(lockOf(path), lock());
    utimesSync(lockOf(path), 0, 0); // a moment after it was made an empty one is still being written
    expect(contents(path).recovery).toEqual({ frames: 0, torn: 0 });
    expect(existsSync(lockOf(path))).toBe(false);
  });

  test("by nobody yet is held: its maker is about to write its number", () => {
    const path = newPath();
    writeFileSync(lockOf(path), "");
    expect(() => openFrameStore(path, () => {})).toThrow(InputError);
  });

  test("and is damaged stays free", () => {
    const path = newPath();
    writeFileSync(path, "notes of mine");
    expect(() => openFrameStore(path, () => {})).toThrow("is damaged");
    expect(existsSync(lockOf(path))).toBe(false);
  });
});

describe("a torn last frame", () => {
  const [first, second] = frames(2) as [Uint8Array, Uint8Array];

  test.each([1, 2, 3, 60, second.length - 65, second.length - 1])("of %i bytes is cut off", (length) => {
    const path = newPath();
    writeFileSync(path, Buffer.concat([first, second.subarray(0, length)]));
    const { store, recovery } = openFrameStore(path, () => {});
    expect(recovery).toEqual({ frames: 1, torn: length });
    store.append(second);
    store.close();
    expect(plain(contents(path).replayed)).toEqual(plain([first, second]));
  });

  test("that is the only one leaves an empty file", () => {
    const path = newPath();
    writeFileSync(path, first.subarray(0, 40));
    expect(contents(path).recovery).toEqual({ frames: 0, torn: 40 });
    expect(statSync(path).size).toBe(0);
  });
});

describe("a file with other damage is refused, and left as it is", () => {
  const [a, b, c] = frames(3) as [Uint8Array, Uint8Array, Uint8Array];
  const broken = b.slice();
  broken[5] = 0xff;

  test.each<{ name: string; bytes: Uint8Array[]; at: number }>([
    { name: "a frame in the middle", bytes: [a, broken, c], at: a.length },
    { name: "the last frame, but not cut short", bytes: [a, broken], at: a.length },
    { name: "a torn frame in the middle", bytes: [a, b.subarray(0, 70), c], at: a.length },
    { name: "the end of a frame at the start", bytes: [a.subarray(30), b], at: 0 },
    { name: "text", bytes: [Buffer.from("notes of mine\n")], at: 0 },
    { name: "zeros at the end", bytes: [a, new Uint8Array(64)], at: a.length },
  ])("$name", ({ bytes, at }) => {
    const path = newPath();
    writeFileSync(path, Buffer.concat(bytes));
    const before = readFileSync(path);
    const open = () => openFrameStore(path, () => {});
    expect(open).toThrow(InputError);
    expect(open).toThrow(`${path} is damaged at byte ${at}: `);
    expect(open).toThrow("Move it away, or name another");
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  test("a folder that is not there is the file system's error", () => {
    const path = join(folder, "none", "f.cborseq");
    expect(() => openFrameStore(path, () => {})).toThrow(expect.objectContaining({ code: "ENOENT" }));
    expect(existsSync(path)).toBe(false);
  });
});

describe("a full disk", () => {
  /** From now on one write takes what `most` says. */
  function limitWrites(most: (wanted: number) => number): void {
    const write = fs.writeSync as (file: number, bytes: Uint8Array, at: number, length: number) => number;
    const limited = (file: number, bytes: Uint8Array, at: number) =>
      write(file, bytes, at, most(bytes.length - at));
    jest.spyOn(fs, "writeSync").mockImplementation(limited as typeof fs.writeSync);
  }

  /** The disk takes `room` bytes more. */
  function fill(room: number): void {
    limitWrites((wanted) => {
      const length = Math.min(wanted, room);
      if (length === 0) throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
      room -= length;
      return length;
    });
  }

  test.each([0, 1, 70])(
    "that takes %i bytes of a frame: the frame is not there, and the next one fits",
    (room) => {
      const path = newPath();
      const [a, b] = frames(2) as [Uint8Array, Uint8Array];
      const { store } = openFrameStore(path, () => {});
      store.append(a);
      fill(room);
      expect(() => store.append(b)).toThrow(`${path}: ENOSPC`);
      jest.restoreAllMocks();
      store.append(b);
      store.close();
      const { replayed, recovery } = contents(path);
      expect(recovery).toEqual({ frames: 2, torn: 0 });
      expect(plain(replayed)).toEqual(plain([a, b]));
    },
  );

  test("a write in pieces is a whole frame", () => {
    const path = newPath();
    const [a] = frames(1) as [Uint8Array];
    limitWrites((wanted) => Math.min(7, wanted));
    const { store } = openFrameStore(path, () => {});
    store.append(a);
    store.close();
    jest.restoreAllMocks();
    expect(plain(contents(path).replayed)).toEqual(plain([a]));
  });
});

describe("a judge that is given what was kept", () => {
  /** A site with all that may happen to it; what arrives, in order. */
  function traffic(): Uint8Array[] {
    const all = frames(12);
    const at = (i: number) => all[i] as Uint8Array;
    const other = makeFrame([reading("temperature", "Cel", 1)], { sequence: 3 });
    // 1 and 2 change places, 3 is signed twice, 5 never comes, 7 comes twice.
    return [at(0), at(2), at(1), at(3), other, at(4), at(6), at(7), at(7), at(8)];
  }

  test("knows the same frames, and goes on where the other stopped", () => {
    const path = newPath();
    const before = new JudgeHarness();
    const { store } = openFrameStore(path, () => {});
    before.receive(...traffic()).giveUp();
    for (const bytes of before.kept) store.append(bytes);
    store.close();

    const after = new JudgeHarness();
    openFrameStore(path, (frame) => after.receive(frame)).store.close();
    after.giveUp();
    const rest = [...traffic(), ...frames(12).slice(9)];
    const [a, b] = [before, after].map((judge) => {
      const from = judge.judgements.length;
      judge.receive(...rest).giveUp();
      return judge.judgements.slice(from);
    });
    expect(a).toEqual(b);
    expect(new Set(a?.map(({ verdict }) => verdict))).toEqual(new Set(["ok", "duplicate", "equivocation"]));
  });

  test("verifying the file again gives the same verdicts, each time", async () => {
    const judge = new JudgeHarness().receive(...traffic()).giveUp();
    const path = newPath();
    writeFileSync(path, Buffer.concat(judge.kept));
    const verify = async () => {
      const said: unknown[] = [];
      const registry = createRegistry(TEST_REGISTRY, keyReader, "r");
      await verifySequence(fs.createReadStream(path), registry, signatureChecker, (one) => said.push(one));
      return said;
    };
    // What was never kept (duplicates, other bytes for 3) is not in the file.
    const kept = judge.judgements.filter(({ verdict }) => ["ok", "broken-chain"].includes(verdict));
    expect(kept.map(({ verdict }) => verdict).filter((verdict) => verdict !== "ok")).toEqual([
      "broken-chain",
    ]);
    expect(await verify()).toEqual(kept);
    expect(await verify()).toEqual(kept);
  });
});
