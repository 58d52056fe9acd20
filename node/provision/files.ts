import { constants } from "node:fs";
import { type FileHandle, open, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { type BundleSource, bundleFromZip, MOST_ZIPPED, tooLong } from "../../provision/bundle/source.js";
import { OperationError } from "../../provision/events.js";

/** A pipe is not waited for. (Windows has no such flag.) */
const READ_NOW = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** A bundle on this machine: a folder, or a zip. Throws OperationError `file`, `bundle-damaged`. */
export async function bundleFromPath(path: string): Promise<BundleSource> {
  const found = await stat(path).catch((error: unknown) => {
    throw notReadable(path, error);
  });
  if (found.isDirectory())
    return { name: path, read: (name, most) => bytesOf(join(path, name), most, tooLong(path, name, most)) };
  const zip = await bytesOf(path, MOST_ZIPPED, tooLong(path, "it", MOST_ZIPPED));
  if (zip === undefined) throw notReadable(path, { code: "ENOENT" });
  return bundleFromZip(path, zip);
}

/** Undefined where there is no such file. */
export async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  return unlessMissing(path, async () => new Uint8Array(await readFile(path)));
}

/** Of one that is longer than `most` bytes nothing is read, and `excess` thrown. Undefined where there is none. */
function bytesOf(path: string, most: number, excess: Error): Promise<Uint8Array | undefined> {
  return unlessMissing(path, async () => {
    const file = await open(path, READ_NOW);
    try {
      const found = await file.stat();
      if (!found.isFile()) throw new Error("it is no file");
      if (found.size > most) throw excess;
      return await whole(file, found.size);
    } finally {
      await file.close();
    }
  });
}

async function whole(file: FileHandle, size: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(size);
  for (let length = 0; length < size; ) {
    const { bytesRead } = await file.read(bytes, length, size - length, length);
    if (bytesRead === 0) return bytes.subarray(0, length);
    length += bytesRead;
  }
  return bytes;
}

async function unlessMissing<T>(path: string, look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof OperationError) throw error;
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw notReadable(path, error);
  }
}

function notReadable(path: string, error: unknown): OperationError {
  const { code } = error as NodeJS.ErrnoException;
  const why = code === "ENOENT" ? "there is no such file or folder" : (error as Error).message;
  return new OperationError("flash", "file", `${path}: ${why}`, "Check the name.");
}
