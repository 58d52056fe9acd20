import { linkSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { InputError } from "../agent/input-error.js";

/** Milliseconds from one look at another's lock to the next. */
const LOOK = 100;
/** Locks that this process holds. */
const held = new Set<string>();

/**
 * Makes this process the only one that writes `path`, which may exist or not: by a file
 * `<path>.lock` that holds the process id in decimal. One whose process has ended is taken over.
 * Returns what gives the lock back; called again that does nothing. Throws LockedError, which names
 * the file and the other process, where that still runs; the file system's error where the lock
 * cannot be written.
 *
 * Processes of two machines, or of two containers, that share a folder do not see one another.
 */
export function acquireLock(path: string): () => void {
  const lock = `${target(path)}.lock`;
  for (;;) {
    try {
      writeFileSync(lock, `${process.pid}\n`, { flag: "wx" });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const holder = readHolder(lock);
    if (holder === undefined) continue; // given back meanwhile
    if (holder === process.pid ? held.has(lock) : isAlive(holder) || (holder === 0 && isYoung(lock)))
      throw new LockedError(
        `${path}: process ${holder} writes this file. End it, or name another file (${lock} is its mark)`,
      );
    takeAway(lock, holder);
  }
  held.add(lock);
  return () => {
    if (held.delete(lock)) rmSync(lock, { force: true });
  };
}

/** Another process, or another part of this one, has the lock. */
export class LockedError extends InputError {}

/**
 * Does `work` when no other process, and no other part of this one, does work under the same lock.
 */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  for (;;) {
    let release: () => void;
    try {
      release = acquireLock(path);
    } catch (error) {
      if (!(error instanceof LockedError)) throw error;
      await sleep(LOOK);
      continue;
    }
    try {
      return await work();
    } finally {
      release();
    }
  }
}

/** Where a link leads: the same file has the same lock by each of its names. */
function target(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path; // not there yet
  }
}

/** 0 where it says nothing (yet, or as after a full disk); undefined where it is gone. */
function readHolder(lock: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(lock, "utf8"), 10) || 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Milliseconds within which a process that made its lock writes its id into it. */
const WRITTEN = 2000;

/** Whether the lock may be one that another process has made and not written yet. */
function isYoung(lock: string): boolean {
  const made = statSync(lock, { throwIfNoEntry: false })?.mtimeMs;
  return made !== undefined && Date.now() - made < WRITTEN;
}

/** Removes the lock of `holder`, which has ended; one that another process has put there meanwhile goes back. */
function takeAway(lock: string, holder: number): void {
  const aside = `${lock}.${process.pid}`;
  try {
    renameSync(lock, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  if (readHolder(aside) !== holder) linkSync(aside, lock);
  rmSync(aside, { force: true });
}

function isAlive(pid: number): boolean {
  if (pid <= 0) return false; // kill(0) would ask after the whole group
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
