import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "@jest/globals";
import { InputError } from "../../agent/input-error.js";
import { LockedError } from "../../node/lock.js";
import { openLogFiles } from "../../node/network/log-files.js";
import { temporaryFolder } from "../support/cli.js";
import { memoryLogFiles } from "../support/logs.js";
import { describeLogFiles } from "./log-files.js";

const opened: { close(): void }[] = [];

function open(folder: string) {
  for (const files of opened.splice(0)) files.close();
  const files = openLogFiles(folder);
  opened.push(files);
  return files;
}

afterEach(() => {
  for (const files of opened.splice(0)) files.close();
});

describeLogFiles("memory", () => {
  const contents = new Map<string, Uint8Array>();
  return { open: () => memoryLogFiles(contents) };
});

describeLogFiles("a folder", () => {
  const folder = join(temporaryFolder(), "a", "log");
  return { open: () => open(folder) };
});

describe("a log's folder", () => {
  test("is one process's, and one part's of it", () => {
    const folder = temporaryFolder();
    open(folder);
    expect(() => openLogFiles(folder)).toThrow(LockedError);
    opened.pop()?.close();
    expect(open(folder).isEmpty()).toBe(true);
  });

  test.each([
    "",
    "/etc/passwd",
    "../x",
    "tile/../../x",
    "tile//0",
    "log.lock",
    "a.b",
    "A",
    "tile/0/",
    "a\0",
    "a".repeat(65),
  ])("%j is refused as a path", (path) => {
    const files = open(temporaryFolder());
    expect(() => files.write(path, new Uint8Array(1))).toThrow(InputError);
    expect(() => files.read(path)).toThrow(InputError);
    expect(() => files.forget(path)).not.toThrow();
  });

  test("with what a power cut left of the first write is empty", () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "checkpoint.1-abc.new"), "half");
    expect(open(folder).isEmpty()).toBe(true);
  });

  test("says of a file that cannot be written which it is, and leaves nothing behind", () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "checkpoint", "in-the-way"), { recursive: true });
    expect(() => open(folder).write("checkpoint", new Uint8Array(1))).toThrow(/checkpoint/);
    expect(existsSync(join(folder, "checkpoint", "in-the-way"))).toBe(true);
  });
});
