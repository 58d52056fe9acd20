import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import { acquireLock, LockedError, withLock } from "../../node/lock.js";
import { temporaryFolder } from "../support/cli.js";

const folder = temporaryFolder();

test("one does its work at a time, also where the one before died in it", async () => {
  const path = join(folder, "build");
  const { pid } = spawnSync(process.execPath, ["-e", ""]); // has ended
  writeFileSync(`${path}.lock`, `${pid}\n`);
  let working = 0;
  const most: number[] = [];
  const work = async () => {
    most.push(++working);
    await sleep(5);
    working--;
  };
  await Promise.all(Array.from({ length: 5 }, () => withLock(path, work)));
  expect(most).toEqual([1, 1, 1, 1, 1]);
  expect(existsSync(`${path}.lock`)).toBe(false);
});

test("whoever cannot wait is told who has it; a folder that is not there is told at once", async () => {
  const path = join(folder, "file");
  const release = acquireLock(path);
  expect(() => acquireLock(path)).toThrow(LockedError);
  release();
  acquireLock(path)();
  await expect(withLock(join(folder, "none", "file"), async () => {})).rejects.toThrow("ENOENT");
});
