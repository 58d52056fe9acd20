import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { type BundleSource, bundleFromZip } from "../bundle/source.js";
import { OperationError } from "../events.js";

/** A bundle on this machine: a folder, or a zip. Throws OperationError `file`, `bundle-damaged`. */
export async function bundleFromPath(path: string): Promise<BundleSource> {
  try {
    if (!(await stat(path)).isDirectory()) return bundleFromZip(path, await readFile(path));
  } catch (error) {
    if (error instanceof OperationError) throw error;
    throw notReadable(path, error);
  }
  return { name: path, read: (name) => readIfThere(join(path, name)) };
}

/** Undefined where there is no such file. */
export async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw notReadable(path, error);
  }
}

function notReadable(path: string, error: unknown): OperationError {
  const { code } = error as NodeJS.ErrnoException;
  const why = code === "ENOENT" ? "there is no such file or folder" : (error as Error).message;
  return new OperationError("flash", "file", `${path}: ${why}`, "Check the name.");
}
