import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { hex } from "../../../../agent/cose/kid.js";
import { parseFrame } from "../../../../agent/frame/parse.js";
import type { Judgement } from "../../../../network/verify/judgement.js";
import { LmdbStore } from "../../../../node/network/lmdb/store.js";
import { makeFrame, reading, TEST_HEADER, testKid } from "../../../support/frames.js";

const KID = hex(testKid);
const DAY = 86_400;
const ARRIVAL = { broker: "mqtt://a", topic: "t", received: 1_795_000_100.5 };
let folder: string;
let store: LmdbStore;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fieldmark-lmdb-"));
  store = reopened();
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

const reopened = () => new LmdbStore(join(folder, "frames.mdb"), "demo");

function frame(boot: number, sequence: number, time = TEST_HEADER.time as number, mantissa = 2000) {
  const bytes = makeFrame([reading("temperature", "Cel", mantissa)], { boot, sequence, time });
  const parsed = parseFrame(bytes);
  if ("failure" in parsed) throw new Error(parsed.failure.detail);
  return parsed.frame;
}

function add(boot: number, sequence: number, verdict: Judgement["verdict"] | "none" = "ok", time?: number) {
  const one = frame(boot, sequence, time);
  store.append(one.bytes, one, ARRIVAL);
  if (verdict !== "none") judge(boot, sequence, verdict, one.time as number);
  return one;
}

function judge(boot: number, sequence: number, verdict: Judgement["verdict"], time: number | null) {
  const detail = verdict === "ok" ? undefined : `it is ${verdict}`;
  const judgement = { ok: verdict === "ok", verdict, device: null, kid: KID, boot, sequence, time, bytes: 1 };
  store.judged({ ...judgement, ...(detail !== undefined && { detail }) });
}

const places = (frames: readonly { boot: number; sequence: number }[]) =>
  frames.map(({ boot, sequence }) => `${boot}:${sequence}`);

test("what is durable is there after another start, with its verdict, its date and how it came", async () => {
  const { bytes } = add(1, 0);
  add(1, 1, "out-of-range");
  add(1, 2, "none");
  await store.durable();
  expect(store.durable()).toBeUndefined();
  await store.close();
  store = reopened();
  expect(store.frames({ kid: KID, limit: 10 })).toEqual([
    expect.objectContaining({ boot: 1, sequence: 0, verdict: "ok", time: TEST_HEADER.time }),
    expect.objectContaining({ sequence: 1, verdict: "out-of-range", detail: "it is out-of-range" }),
    expect.objectContaining({ sequence: 2, verdict: undefined, time: null }),
  ]);
  expect(store.frame(KID, { boot: 1, sequence: 0 })).toEqual({
    kid: KID,
    boot: 1,
    sequence: 0,
    verdict: "ok",
    time: TEST_HEADER.time,
    received: ARRIVAL.received,
    broker: "mqtt://a",
    bytes: Buffer.from(bytes),
  });
  expect([...store.undecided()]).toEqual([KID]);
  expect([store.size, store.undecidedSize]).toEqual([3, 1]);
  judge(1, 2, "ok", 1_795_000_001);
  await store.durable();
  expect([...store.undecided()]).toEqual([]);
  expect(store.frame(KID, { boot: 1, sequence: 2 })).toMatchObject({ verdict: "ok", time: 1_795_000_001 });
});

test("a place is known at once, durable or not", async () => {
  const one = add(1, 0, "none");
  expect(store.at(one)).toEqual(one.bytes);
  const durable = store.durable();
  await new Promise(setImmediate); // it is being written
  expect(store.at(one)).toEqual(one.bytes);
  judge(1, 0, "late", null); // while it is written
  await durable;
  expect(store.at(one)).toEqual(Buffer.from(one.bytes));
  await store.durable();
  expect(store.frame(KID, { boot: 1, sequence: 0 })).toMatchObject({ verdict: "late", time: null });
  expect([...store.undecided()]).toEqual([]);
  expect(store.at(frame(1, 1))).toBeUndefined();
});

test("a device's frames are found by their own dates, in the order of signing, page by page", async () => {
  const noon = 1_795_003_200 - (1_795_003_200 % DAY) + DAY / 2;
  for (let n = 0; n < 600; n++) add(1, n, "ok", noon + 300 * n); // two days and two hours
  add(2, 0, "ok", noon - 10); // a clock that went back
  judge(2, 0, "clock-jump", noon - 10);
  add(2, 1, "ok", noon + 5);
  await store.durable();
  const day = { kid: KID, from: noon, until: noon + DAY / 2 - 1 };
  const all = store.frames({ ...day, limit: 1000 });
  expect(places(all)).toEqual([...Array.from({ length: 144 }, (_, n) => `1:${n}`), "2:1"]);
  const pages: string[] = [];
  let after: { boot: number; sequence: number } | undefined;
  for (;;) {
    const page = store.frames({ ...day, after, limit: 10 });
    if (page.length === 0) break;
    pages.push(...places(page));
    after = page.at(-1);
  }
  expect(pages).toEqual(places(all));
  expect(places(store.frames({ kid: KID, after: { boot: 1, sequence: 598 }, limit: 2 }))).toEqual([
    "1:599",
    "2:0",
  ]);
  expect(places([...store.dated(noon - 10, noon + 300)])).toEqual(["1:0", "1:1", "2:0", "2:1"]);
  expect(store.frames({ kid: "ff".repeat(8), limit: 10 })).toEqual([]);
});

test("a judge gets the newest of a device, and everything without a verdict", async () => {
  for (let n = 0; n < 100; n++) add(1, n, n === 60 || n > 97 ? "none" : "ok");
  await store.durable();
  const kept = store.recall(KID);
  const read = kept.map(({ bytes }) => (parseFrame(bytes) as { frame: { sequence: number } }).frame.sequence);
  expect(read).toEqual(Array.from({ length: 72 }, (_, n) => 28 + n));
  expect(kept.filter(({ origin }) => origin !== "store").length).toBe(3);
  expect(kept.at(-1)?.origin).toEqual({ ...ARRIVAL, topic: `fieldmark/1/demo/${KID}/frame` });
});

test("old days are swept, but nothing without a verdict", async () => {
  const start = TEST_HEADER.time as number;
  for (let day = 0; day < 4; day++)
    for (let n = 0; n < 3; n++) add(day + 1, n, n === 2 && day === 0 ? "none" : "ok", start + DAY * day + n);
  await store.durable();
  const first = start - (start % DAY);
  expect(store.firstDay()).toBe(first);
  expect(await store.sweep(first + 2 * DAY)).toBe(5);
  expect(places(store.frames({ kid: KID, limit: 99 }))).toEqual([
    "1:2",
    "3:0",
    "3:1",
    "3:2",
    "4:0",
    "4:1",
    "4:2",
  ]);
  expect(store.firstDay()).toBe(first + 2 * DAY);
});

test("evidence names both frames, after another start too", async () => {
  const first = add(1, 0);
  const second = frame(1, 0, undefined, 2001);
  const third = frame(1, 0, undefined, 2002);
  store.contradictions.append(second.bytes);
  store.contradictions.append(third.bytes);
  await store.durable();
  await store.close();
  store = reopened();
  const pair = (other: Uint8Array) => [Buffer.from(first.bytes), Buffer.from(other)];
  const evidence = store.evidence(KID);
  expect(evidence.length).toBe(2);
  expect(evidence).toContainEqual(pair(second.bytes));
  expect(evidence).toContainEqual(pair(third.bytes));
  expect([...store.contradictions.read()].length).toBe(2);
});

test("of what was refused the newest are kept", async () => {
  const rejection = { verdict: "malformed" as const, received: 5, broker: "b", topic: "t".repeat(999) };
  for (let n = 0; n < 10_010; n++)
    store.refuse({ ...rejection, detail: `${n}`, bytes: Uint8Array.of(n & 0xff) });
  await new Promise((resolve) => setTimeout(resolve, 200));
  await store.close();
  store = reopened();
  const newest = store.rejections(undefined, 3);
  expect(newest.map(({ number, detail, bytes }) => [number, detail, bytes[0]])).toEqual([
    [10_010, "10009", 10_009 & 0xff],
    [10_009, "10008", 10_008 & 0xff],
    [10_008, "10007", 10_007 & 0xff],
  ]);
  expect(newest[0]?.topic.length).toBe(256);
  expect(store.rejections(11, 10).length).toBe(0);
  expect(store.rejections(12, 10).length).toBe(1);
  expect(store.refuse({ ...rejection, bytes: new Uint8Array() }).number).toBe(10_011);
});

test("another process, another network and a backup", async () => {
  expect(() => reopened()).toThrow("writes this file");
  add(1, 0);
  await store.durable();
  const copy = join(folder, "copy.mdb");
  await store.backup(copy);
  await expect(store.backup(copy)).rejects.toThrow("is there already");
  const other = new LmdbStore(copy, "demo");
  expect(other.size).toBe(1);
  await other.close();
  expect(() => new LmdbStore(copy, "other")).toThrow('is of network "demo", not of "other"');
  store.setNote("import", "7");
  await store.durable();
  expect(store.note("import")).toBe("7");
});
