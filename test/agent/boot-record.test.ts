import { describe, expect, test } from "@jest/globals";
import { readBootRecord, writeBootRecord } from "../../agent/boot-record.js";
import { CborError } from "../../agent/cbor/error.js";
import type { KeyValue } from "../../agent/ports/key-value.js";
import { createMemoryKeyValue } from "../../node/ports/key-value.js";
import { bytesOf, hexOf, testKid } from "../support/frames.js";

const holding = (hex: string) => createMemoryKeyValue(new Map([["boot", bytesOf(hex)]]));

describe("the boot record", () => {
  test("of a device that never booted says so", () => {
    expect(readBootRecord(createMemoryKeyValue())).toEqual({ boot: 0, resumption: undefined });
  });

  test.each([
    { stored: "83010000", boot: 1, serial: 0, offset: 0 },
    { stored: "8318ff1901001903e8", boot: 255, serial: 256, offset: 1000 },
    {
      stored: "831b001fffffffffffff1b001fffffffffffff1b001fffffffffffff",
      boot: Number.MAX_SAFE_INTEGER,
      serial: Number.MAX_SAFE_INTEGER,
      offset: Number.MAX_SAFE_INTEGER,
    },
  ])("$stored is boot $boot, which writes to sector $serial from $offset on", (row) => {
    const { stored, boot, serial, offset } = row;
    expect(readBootRecord(holding(stored))).toEqual({ boot, resumption: { serial, offset } });
    const values = new Map<string, Uint8Array>();
    writeBootRecord(createMemoryKeyValue(values), boot, { serial, offset }, testKid);
    const written = `84${stored.slice(2)}48${hexOf(testKid)}`;
    expect([...values].map(([key, value]) => [key, hexOf(value)])).toEqual([["boot", written]]);
    expect(readBootRecord(holding(written))).toEqual({ boot, resumption: { serial, offset }, kid: testKid });
  });

  test.each([
    { stored: "00", boot: 0 },
    { stored: "17", boot: 23 },
    { stored: "1a00010000", boot: 65536 },
  ])("a number alone, $stored, is boot $boot of which nothing else is known", ({ stored, boot }) => {
    expect(readBootRecord(holding(stored))).toEqual({ boot, resumption: undefined });
  });

  test.each([
    { name: "empty", stored: "" },
    { name: "cut short", stored: "18" },
    { name: "negative", stored: "20" },
    { name: "text", stored: "6131" },
    { name: "bytes after the number", stored: "0505" },
    { name: "not the shortest form", stored: "1805" },
    { name: "two parts", stored: "820100" },
    { name: "four parts, the last no kid", stored: "8401000000" },
    { name: "a kid that is cut short", stored: "8401000047000000000000ff" },
    { name: "a kid that is too short", stored: "840100004700000000000000" },
    { name: "three parts, cut short", stored: "830100" },
    { name: "three parts and more", stored: "8301000000" },
    { name: "a negative offset", stored: "83010020" },
    { name: "a map", stored: "a0" },
    { name: "erased flash", stored: "ffffffff" },
  ])("damaged ($name): refused, and left as it is", ({ stored }) => {
    const values = new Map([["boot", bytesOf(stored)]]);
    expect(() => readBootRecord(createMemoryKeyValue(values))).toThrow(CborError);
    expect(values.get("boot")).toEqual(bytesOf(stored));
  });

  test("that could not be made durable is told of", () => {
    const store: KeyValue = {
      ...createMemoryKeyValue(),
      set() {
        throw new Error("flash worn out");
      },
    };
    expect(() => writeBootRecord(store, 1, { serial: 0, offset: 0 }, testKid)).toThrow("flash worn out");
  });
});
