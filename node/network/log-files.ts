import { readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { InputError } from "../../agent/input-error.js";
import type { LogFiles } from "../../network/ports/log-files.js";
import { HALF_WRITTEN, replaceFile } from "../files.js";
import { acquireLock } from "../lock.js";
import { makeFolder } from "../ports/key-value.js";

/** No segment has another dot, as a lock has and what a power cut left half written. */
const PATH = /^[a-z0-9]{1,64}(?:\.p)?(?:\/[a-z0-9]{1,64}(?:\.p)?){0,9}$/;
/** What the file system says where there is no such file. */
const MISSING: readonly unknown[] = ["ENOENT", "ENOTDIR", "EISDIR"];
/** What the lock is named by. */
const LOCKED = "log";

/**
 * A log's files in a folder, which is made where it is missing. Throws LockedError where another
 * process, or another part of this one, has the folder open; the methods throw InputError for a path
 * of another form, and the file system's error where a file cannot be had.
 */
export function openLogFiles(folder: string): LogFiles & { close(): void } {
  makeFolder(resolve(folder));
  const release = acquireLock(join(folder, LOCKED));
  const place = (path: string) => {
    if (!PATH.test(path)) throw new InputError(`"${path}" is no file of a log`);
    return join(folder, path);
  };
  return {
    isEmpty: () =>
      readdirSync(folder).every((name) => name === `${LOCKED}.lock` || name.endsWith(HALF_WRITTEN)),
    read(path) {
      try {
        return new Uint8Array(readFileSync(place(path)));
      } catch (error) {
        if (MISSING.includes((error as NodeJS.ErrnoException).code)) return undefined;
        throw error;
      }
    },
    write(path, bytes) {
      const file = place(path);
      makeFolder(dirname(resolve(file)));
      replaceFile(file, bytes);
    },
    forget(path) {
      try {
        rmSync(place(path), { recursive: true, force: true });
      } catch {
        // What stays is in nobody's way.
      }
    },
    close: release,
  };
}
