import { CommanderError } from "commander";

/**
 * Exit codes: 0 fine, 1 the thing checked is not fine, 2 bad usage. Throughout the project a RangeError is about
 * something that the caller gave.
 */
export function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  return error instanceof RangeError || fileError(error) !== undefined ? 2 : 1;
}

/** What is wrong with a file that the caller named. */
const FILE_ERRORS: Record<string, string> = {
  ENOENT: "there is no such file or folder",
  EACCES: "you may not read or write it",
  EISDIR: "it is a folder",
  ENOTDIR: "part of the path is not a folder",
  EEXIST: "it is there already",
};

function fileError(error: unknown): string | undefined {
  const { code, path = "a file that you named" } = error as NodeJS.ErrnoException;
  const known = FILE_ERRORS[code ?? ""];
  return known === undefined ? undefined : `${path}: ${known}`;
}

/** What is wrong in one line, and what to do about it. */
export function messageOf(error: unknown): string {
  return fileError(error) ?? (error instanceof Error ? error.message : String(error));
}
