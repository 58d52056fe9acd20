import { expect, test } from "@jest/globals";
import { CborWriter } from "../../../agent/cbor/writer.js";
import { type Entry, readEntry, writeEntry } from "../../../network/witness/entries.js";
import { hexOf } from "../../support/frames.js";

const signature = new Uint8Array(65).fill(3);
const logKey = new Uint8Array(32).fill(2);
const WITNESS: Entry = { kind: "witness", network: "demo", name: "w.example/demo", logKey, signature };
const INVENTORY: Entry = { kind: "inventory", epoch: 498_611, body: Uint8Array.of(1, 2), signature };
const ENROLMENT: Entry = { kind: "enrolment", statement: Uint8Array.of(9) };
const ALL = [WITNESS, INVENTORY, ENROLMENT];

/** CBOR of an array of texts, numbers and bytes. */
function cbor(parts: readonly (string | number | Uint8Array)[]): Uint8Array {
  const writer = new CborWriter(new Uint8Array(1024));
  writer.array(parts.length);
  for (const part of parts)
    if (typeof part === "string") writer.text(part);
    else if (typeof part === "number") writer.int(part);
    else writer.bytes(part);
  return writer.buffer.slice(0, writer.offset);
}

test("entries are read as they were written", () => {
  for (const entry of ALL) expect(readEntry(writeEntry(entry))).toEqual(entry);
});

test("an entry is an array that begins with its kind", () => {
  expect(hexOf(writeEntry(ENROLMENT))).toBe("8269656e726f6c6d656e744109");
  expect(hexOf(writeEntry(INVENTORY)).startsWith("8469696e76656e746f72791a00079bb3420102")).toBe(true);
});

test("what is no entry of a known kind is none", () => {
  const strange = [
    [],
    ["witness"],
    ["other", 1],
    ["enrolment", 1],
    ["enrolment", Uint8Array.of(9), 1],
    ["inventory", -1, Uint8Array.of(1), signature],
    ["inventory", 1, Uint8Array.of(1), signature.subarray(1)],
    ["inventory", 1, Uint8Array.of(1), new Uint8Array(66)],
    ["witness", "demo", "name", logKey.subarray(1), signature],
    ["witness", "demo", "name", new Uint8Array(33), signature],
    ["witness", "demo", "name", logKey, new Uint8Array(64)],
    ["witness", "demo", Uint8Array.of(1), logKey, signature],
  ].map(cbor);
  for (const bytes of strange) expect([hexOf(bytes), readEntry(bytes)]).toEqual([hexOf(bytes), undefined]);
});

test("an entry has one encoding: bytes more, less or longer than needed are none", () => {
  for (const entry of ALL) {
    const bytes = writeEntry(entry);
    expect(readEntry(Uint8Array.of(...bytes, 0))).toBeUndefined();
    for (let length = 0; length < bytes.length; length++)
      expect(readEntry(bytes.subarray(0, length))).toBeUndefined();
  }
  const [head, ...rest] = writeEntry(ENROLMENT);
  expect(readEntry(Uint8Array.of(0x98, (head as number) & 0x1f, ...rest))).toBeUndefined();
});
