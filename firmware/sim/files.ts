import root, { type Directory } from "embedded:storage/files";

/** The folder that HOME names (SDK, modules/io/files/posix), which the SDK's own types leave out. */
export const files = root as unknown as Directory;

/** All of a file, or undefined where there is none. */
export function readWhole(path: string): Uint8Array | undefined {
  let file: ReturnType<Directory["openFile"]>;
  try {
    file = files.openFile({ path });
  } catch {
    return undefined;
  }
  try {
    return new Uint8Array(file.read(file.status().size, 0));
  } finally {
    file.close();
  }
}
