import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { createFileKeyValue, createMemoryKeyValue } from "../../node/ports/key-value.js";
import { describeKeyValue } from "./key-value.js";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fieldmark-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

describeKeyValue("memory", () => {
  const values = new Map<string, Uint8Array>();
  return { open: () => createMemoryKeyValue(values), close() {} };
});

describeKeyValue("files", () => ({ open: () => createFileKeyValue(join(folder, "a", "b")), close() {} }));

describe("key-value: files on disk", () => {
  const mode = (path: string) => statSync(path).mode & 0o777;

  test("only the owner can read the folder and its files", () => {
    const path = join(folder, "board");
    createFileKeyValue(path).set("key", Uint8Array.of(1));
    expect(mode(path)).toBe(0o700);
    expect(mode(join(path, "key"))).toBe(0o600);
  });

  test("what a power cut left half written is not read, and does not stop the next write", () => {
    const store = createFileKeyValue(folder);
    store.set("boot", Uint8Array.of(1));
    writeFileSync(join(folder, "boot.new"), Uint8Array.of(2), { mode: 0o644 });
    expect(createFileKeyValue(folder).get("boot")).toEqual(Uint8Array.of(1));
    store.set("boot", Uint8Array.of(3));
    expect(readdirSync(folder)).toEqual(["boot"]);
    expect(mode(join(folder, "boot"))).toBe(0o600);
  });

  test("a value that cannot be stored throws, and leaves nothing behind", () => {
    const store = createFileKeyValue(folder);
    mkdirSync(join(folder, "boot", "in-the-way"), { recursive: true });
    expect(() => store.set("boot", Uint8Array.of(1))).toThrow(/EISDIR|ENOTEMPTY|EEXIST/);
    expect(readdirSync(folder)).toEqual(["boot"]);
  });

  test("a file that cannot be read is an error, not a missing value", () => {
    mkdirSync(join(folder, "boot"));
    expect(() => createFileKeyValue(folder).get("boot")).toThrow(/EISDIR/);
  });
});
