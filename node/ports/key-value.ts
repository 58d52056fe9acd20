import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { KeyValue } from "../../agent/ports/key-value.js";
import { HALF_WRITTEN, replaceFile, syncFolder } from "../files.js";

/** No key has a dot, as what a power cut left half written has. */
const KEY = /^[a-z0-9-]{1,15}$/;

function checkKey(key: string): void {
  if (!KEY.test(key)) throw new RangeError(`key: 1 to 15 characters of a-z, 0-9, -; not "${key}"`);
}

/** Values in memory. `values` outlives the board: handed to the next one, it stands for what flash has kept. */
export function createMemoryKeyValue(values: Map<string, Uint8Array> = new Map()): KeyValue<string> {
  return {
    get(key) {
      checkKey(key);
      return values.get(key)?.slice();
    },
    set(key, value) {
      checkKey(key);
      values.set(key, value.slice());
    },
    delete(key) {
      checkKey(key);
      values.delete(key);
    },
  };
}

/**
 * A file a key in `folder`, which is made where it is missing. Only the owner can read either: values may be
 * secret. The caller is the only one that has the folder; what a power cut left half written goes. Throws RangeError
 * for a key of another form and the file system's error where a value cannot be kept.
 */
export function createFileKeyValue(folder: string): KeyValue<string> {
  makeFolder(resolve(folder));
  for (const name of readdirSync(folder))
    if (name.endsWith(HALF_WRITTEN)) rmSync(join(folder, name), { force: true });
  return {
    get(key) {
      checkKey(key);
      try {
        return new Uint8Array(readFileSync(join(folder, key)));
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    },
    set(key, value) {
      checkKey(key);
      replaceFile(join(folder, key), value);
    },
    delete(key) {
      checkKey(key);
      rmSync(join(folder, key), { force: true });
      syncFolder(folder);
    },
  };
}

/** Makes a folder (mode 0700) and those above it where they are missing, durably. `folder`: absolute. */
export function makeFolder(folder: string): void {
  const first = mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  const top = dirname(first);
  for (let parent = folder; parent !== top; ) {
    parent = dirname(parent);
    syncFolder(parent);
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "ENOENT";
}
