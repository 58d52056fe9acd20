import { randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  fsyncSync,
  lstatSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { InputError } from "../agent/input-error.js";

// Who may write to a folder can put a link there by the name of a file that somebody else is about to make, and have another file of theirs written to. So
// a file is made where nothing of its name is (O_EXCL), and a link is followed only to what is there already, and only where it is one's own.

const { O_APPEND, O_CREAT, O_EXCL, O_RDWR, O_TRUNC, O_WRONLY } = constants;
/** Windows has no such flag. */
const O_NOFOLLOW = constants.O_NOFOLLOW ?? 0;
const ATTEMPTS = 3;
/** What a crash may leave of a file that was not finished; nobody reads it. */
export const HALF_WRITTEN = ".new";

/** Opens a file to append to, and makes it where it is missing. Throws InputError where it is a link that is not followed. */
export function openToAppend(path: string, access: "write" | "read and write" = "write"): number {
  return open(path, O_APPEND | (access === "write" ? O_WRONLY : O_RDWR));
}

/** Opens a file to write, which loses what it has, and makes it where it is missing. Throws as `openToAppend` does. */
export const openToOverwrite = (path: string): number => open(path, O_WRONLY | O_TRUNC);

/** Opens a file that is there, to read it and to change parts of it. Throws as `openToAppend` does, and where there is none. */
export function openToChange(path: string): number {
  const { target, nofollow } = followed(path);
  return openSync(target, O_RDWR | nofollow);
}

/** Makes `content` that of a file, which may be there already; not durably. Throws as `openToAppend` does. */
export function overwriteFile(path: string, content: string | Uint8Array): void {
  const file = openToOverwrite(path);
  try {
    writeFileSync(file, content);
  } finally {
    closeSync(file);
  }
}

/**
 * Makes `content` that of a file, durably: a power cut leaves the old content or the new. What a cut may leave beside it is
 * `file`.<process>-<random>.new, which nobody reads: writers at the same time do not meet, and the last of them is right. A link of that name is
 * replaced, and what it leads to stays as it is.
 */
export function replaceFile(file: string, content: string | Uint8Array, mode = 0o600): void {
  const written = `${file}.${process.pid}-${randomBytes(6).toString("hex")}${HALF_WRITTEN}`;
  try {
    writeFileSync(written, content, { mode, flag: "wx", flush: true });
    renameSync(written, file);
  } catch (error) {
    rmSync(written, { force: true });
    throw error;
  }
  syncFolder(dirname(file));
}

/**
 * Makes a file that only its owner can read, durably. Throws EEXIST where there is something of that
 * name.
 */
export function writeNewSecret(path: string, content: string): void {
  const file = openSync(path, "wx", 0o600);
  try {
    writeFileSync(file, content);
    fsyncSync(file);
  } catch (error) {
    rmSync(path, { force: true }); // half a key is of no use, and would be in the way
    throw error;
  } finally {
    closeSync(file);
  }
}

/** Makes the names in a folder durable: fsync(2) of a file does not. */
export function syncFolder(folder: string): void {
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function open(path: string, flags: number): number {
  for (let attempt = 1; ; attempt++) {
    const { target, nofollow } = followed(path);
    const missing = orUndefined("ENOENT", () => openSync(target, flags | nofollow));
    if (missing !== undefined) return missing;
    try {
      return openSync(target, flags | O_CREAT | O_EXCL, 0o666);
    } catch (error) {
      // It came meanwhile.
      if ((error as NodeJS.ErrnoException).code !== "EEXIST" || attempt === ATTEMPTS) throw error;
    }
  }
}

/** Where a link leads; another path as it is. What is no regular file (a terminal, a pipe) has no path of its own. */
function followed(path: string): { readonly target: string; readonly nofollow: number } {
  const link = lstatSync(path, { throwIfNoEntry: false });
  if (!link?.isSymbolicLink()) return { target: path, nofollow: O_NOFOLLOW };
  const own = process.getuid?.();
  if (own !== undefined && link.uid !== own && link.uid !== 0)
    throw new InputError(`${path} is a link, and not yours: name the file that is meant`);
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined)
    throw new InputError(`${path} is a link to what is not there: name the file that is meant`);
  return found.isFile()
    ? { target: realpathSync(path), nofollow: O_NOFOLLOW }
    : { target: path, nofollow: 0 };
}

function orUndefined<T>(code: string, call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === code) return undefined;
    throw error;
  }
}
