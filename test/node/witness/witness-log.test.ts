import { expect, test } from "@jest/globals";
import { noteChecker } from "../../../node/ports/note-keys.js";
import { WitnessLog } from "../../../node/witness/witness-log.js";
import { entriesOf, memoryLogFiles, noteKey } from "../../support/logs.js";

function logOf(contents: Map<string, Uint8Array>, kept: Map<string, string>, write?: () => void) {
  const files = memoryLogFiles(contents);
  const notes = {
    note: (name: string) => kept.get(name),
    setNote: (name: string, value: string) => void kept.set(name, value),
  };
  return new WitnessLog({
    files: {
      ...files,
      write(path, bytes) {
        write?.();
        files.write(path, bytes);
      },
    },
    checker: noteChecker,
    origin: "w1.example.org/demo",
    key: noteKey("a"),
    notes,
  });
}

test("goes on after a write that failed", () => {
  let isFull = false;
  const log = logOf(new Map(), new Map(), () => {
    if (isFull) throw new Error("no space left");
  });
  log.append(entriesOf(0, 1));
  isFull = true;
  expect(() => log.append(entriesOf(1, 2))).toThrow("no space left");
  expect(() => log.append(entriesOf(1, 2))).toThrow("no space left");
  expect(log.log.size).toBe(1);
  isFull = false;
  expect(log.append(entriesOf(1, 2))).toBe(1);
  expect(log.log.size).toBe(2);
});

test("is not opened on files that are older than what the store saw", () => {
  const [contents, kept] = [new Map<string, Uint8Array>(), new Map<string, string>()];
  const log = logOf(contents, kept);
  log.append(entriesOf(0, 1));
  const old = new Map(contents);
  log.append(entriesOf(1, 2));
  expect(() => logOf(old, kept)).toThrow("its files are older ones");
  expect(logOf(contents, kept).log.size).toBe(2);
});
