import root, { type Directory } from "embedded:storage/files";

/** The folder that HOME names (SDK, modules/io/files/posix), which the SDK's own types leave out. */
export const files = root as unknown as Directory;

export type File = ReturnType<Directory["openFile"]>;

/** A file that may not be there: undefined then. Throws, by its path, where there is one that cannot be opened. */
export function openExisting(path: string, mode: "r" | "r+"): File | undefined {
  try {
    return files.openFile({ path, mode });
  } catch (error) {
    // The SDK throws strerror(ENOENT), and has no other word for it.
    if (String(error).includes("No such file")) return undefined;
    throw new Error(`${path}: ${String(error)}`);
  }
}

/**
 * All of a file, or undefined where there is none. Throws where there is one that cannot be read: a boot counter that was
 * taken for missing would start over.
 */
export function readWhole(path: string): Uint8Array | undefined {
  const file = openExisting(path, "r");
  if (file === undefined) return undefined;
  try {
    return new Uint8Array(file.read(file.status().size, 0));
  } finally {
    file.close();
  }
}

/**
 * Writes a file beside, flushes it, and renames it into place: a process killed at any moment leaves the old file or the new
 * one, whole. The folder itself is not flushed, which a cut of this machine's power could show.
 */
export function replaceFile(path: string, write: (file: File) => void): void {
  const file = files.openFile({ path: `${path}.new`, mode: "w" });
  try {
    write(file);
    file.flush();
  } finally {
    file.close();
  }
  files.move(`${path}.new`, path);
}
