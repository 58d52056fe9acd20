import { describe, expect, test } from "@jest/globals";
import { CborError } from "../../agent/cbor/error.js";
import { ChainRecord, loadChain, nextBoot } from "../../agent/chain-store.js";
import type { DroppedRange } from "../../agent/frame/chain.js";
import { MAX_LOSSES } from "../../agent/outbox/losses.js";
import { createMemoryOutbox } from "../../agent/outbox/memory.js";
import type { KeyValue } from "../../agent/ports/key-value.js";
import { createMemoryKeyValue } from "../../host-sim/ports/key-value.js";
import { bytesOf } from "../support/frames.js";

const HASH = Uint8Array.from({ length: 16 }, (_, i) => 0xa0 + i);

describe("the boot counter", () => {
  test("starts at 1 and rises with each boot", () => {
    const store = createMemoryKeyValue();
    expect([nextBoot(store), nextBoot(store), nextBoot(store)]).toEqual([1, 2, 3]);
  });

  test.each([
    { stored: "17", boot: 24 },
    { stored: "18ff", boot: 256 },
    { stored: "1a00010000", boot: 65537 },
  ])("goes on from $stored to $boot", ({ stored, boot }) => {
    const store = createMemoryKeyValue(new Map([["boot", bytesOf(stored)]]));
    expect(nextBoot(store)).toBe(boot);
    expect(nextBoot(store)).toBe(boot + 1);
  });

  test("is no number where it could not be made durable", () => {
    const store: KeyValue = {
      ...createMemoryKeyValue(),
      set() {
        throw new Error("flash worn out");
      },
    };
    expect(() => nextBoot(store)).toThrow("flash worn out");
  });

  test.each([
    { name: "empty", stored: "" },
    { name: "cut short", stored: "18" },
    { name: "negative", stored: "20" },
    { name: "text", stored: "6131" },
    { name: "longer than a number", stored: "0505" },
    { name: "not the shortest form", stored: "1805" },
  ])("damaged ($name): refused, and left as it is", ({ stored }) => {
    const values = new Map([["boot", bytesOf(stored)]]);
    expect(() => nextBoot(createMemoryKeyValue(values))).toThrow(CborError);
    expect(values.get("boot")).toEqual(bytesOf(stored));
  });

  test("never falls behind the chain, even where the counter itself is gone", () => {
    const values = new Map<string, Uint8Array>();
    const store = createMemoryKeyValue(values);
    new ChainRecord(store).save(HASH, { boot: 7, sequence: 3 }, createMemoryOutbox(2, 8));
    expect(nextBoot(store)).toBe(8);
    values.set("boot", Uint8Array.of(3));
    expect(nextBoot(store)).toBe(8);
    values.set("boot", Uint8Array.of(9));
    expect(nextBoot(store)).toBe(10);
  });
});

describe("the chain's tip", () => {
  test("of a device that never signed: zeros, nothing lost", () => {
    expect(loadChain(createMemoryKeyValue())).toMatchObject({ prev: new Uint8Array(16), losses: [] });
  });

  test.each<{ name: string; acknowledged: number[]; lost: DroppedRange[]; losses: DroppedRange[] }>([
    { name: "nothing acknowledged", acknowledged: [], lost: [], losses: [{ boot: 3, first: 4, last: 7 }] },
    { name: "the first two", acknowledged: [0, 1], lost: [], losses: [{ boot: 3, first: 6, last: 7 }] },
    { name: "one out of turn", acknowledged: [1], lost: [], losses: [{ boot: 3, first: 4, last: 7 }] },
    {
      name: "all before the tip",
      acknowledged: [0, 1, 2],
      lost: [],
      losses: [{ boot: 3, first: 7, last: 7 }],
    },
    {
      name: "with older losses",
      acknowledged: [0, 1],
      lost: [
        { boot: 1, first: 2, last: 9 },
        { boot: 3, first: 1, last: 3 },
      ],
      losses: [
        { boot: 1, first: 2, last: 9 },
        { boot: 3, first: 1, last: 3 },
        { boot: 3, first: 6, last: 7 },
      ],
    },
  ])("what was not acknowledged counts as lost: $name", ({ acknowledged, lost, losses }) => {
    const store = createMemoryKeyValue();
    const outbox = createMemoryOutbox(8, 8);
    for (const sequence of [4, 5, 6]) outbox.append({ boot: 3, sequence }, Uint8Array.of(1));
    for (const id of acknowledged) outbox.acknowledge(id);
    for (const range of lost) outbox.lose(range);
    new ChainRecord(store).save(HASH, { boot: 3, sequence: 7 }, outbox);
    expect(loadChain(store)).toMatchObject({ prev: HASH, losses });
  });

  test("the longest record fits, and is read back", () => {
    const store = createMemoryKeyValue();
    const outbox = createMemoryOutbox(1, 8);
    const huge = Number.MAX_SAFE_INTEGER;
    const losses = Array.from({ length: MAX_LOSSES }, (_, i) => ({
      boot: huge - 9 + i,
      first: huge - 1,
      last: huge,
    }));
    for (const range of losses) outbox.lose(range);
    new ChainRecord(store).save(HASH, { boot: huge - 1, sequence: huge }, outbox);
    const tip = { boot: huge - 1, first: huge, last: huge };
    expect(loadChain(store)).toMatchObject({ prev: HASH, losses: [...losses, tip] });
  });

  test("two boards in one process do not mix their records", () => {
    const [a, b] = [createMemoryKeyValue(), createMemoryKeyValue()];
    const outbox = createMemoryOutbox(1, 8);
    new ChainRecord(a).save(HASH, { boot: 1, sequence: 0 }, outbox);
    new ChainRecord(b).save(new Uint8Array(16).fill(9), { boot: 2, sequence: 5 }, outbox);
    expect(loadChain(a)).toMatchObject({ prev: HASH, losses: [{ boot: 1, first: 0, last: 0 }] });
  });

  const hash = "50a0a1a2a3a4a5a6a7a8a9aaabacadaeaf";
  test.each([
    { name: "empty", record: "" },
    { name: "cut short", record: `85${hash}030704` },
    { name: "another shape", record: `84${hash}030704` },
    { name: "a map", record: "a0" },
    { name: "a hash of 15 bytes", record: "854fa0a1a2a3a4a5a6a7a8a9aaabacadae03070480" },
    { name: "a range of two", record: `85${hash}03070481820102` },
    { name: "bytes after the end", record: `85${hash}0307048000` },
    { name: "rubbish", record: "ffffffff" },
  ])("damaged ($name): refused", ({ record }) => {
    const store = createMemoryKeyValue(new Map([["chain", bytesOf(record)]]));
    expect(() => loadChain(store)).toThrow(CborError);
  });

  test("the record of this test is otherwise whole", () => {
    const store = createMemoryKeyValue(new Map([["chain", bytesOf(`85${hash}03070480`)]]));
    expect(loadChain(store)).toMatchObject({ prev: HASH, losses: [{ boot: 3, first: 4, last: 7 }] });
  });
});
