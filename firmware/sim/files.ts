import root, { type Directory } from "embedded:storage/files";

/** The folder that HOME names (SDK, modules/io/files/posix), which the SDK's own types leave out. */
export const files = root as unknown as Directory;

/**
 * All of a file, or undefined where there is none. Throws where there is one that cannot be read: a boot counter that was
 * taken for missing would start anew.
 */
export function readWhole(path: string): Uint8Array | undefined {
  let file: ReturnType<Directory["openFile"]>;
  try {
    file = files.openFile({ path });
  } catch (error) {
    // The SDK throws strerror(ENOENT), and has no other word for it.
    if (String(error).includes("No such file")) return undefined;
    throw new Error(`${path}: ${String(error)}`);
  }
  try {
    return new Uint8Array(file.read(file.status().size, 0));
  } finally {
    file.close();
  }
}
