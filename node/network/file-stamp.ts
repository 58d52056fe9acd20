import { type BigIntStats, statSync } from "node:fs";

/** The stamp of what is not there. */
export const NO_FILE = "none";

/**
 * Differs whenever the file, or the folder's list of names, does. What is neither, such as a pipe,
 * can be read only once: it never differs. Throws nothing: what cannot be looked at has the reason
 * as its stamp.
 */
export function stampOf(path: string): string {
  let stat: BigIntStats | undefined;
  try {
    stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    return (error as Error).message;
  }
  if (stat === undefined) return NO_FILE;
  const { dev, ino, size, mtimeNs, ctimeNs } = stat;
  return stat.isFile() || stat.isDirectory() ? [dev, ino, size, mtimeNs, ctimeNs].join() : "no file";
}
