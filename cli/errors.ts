import { CommanderError } from "commander";

/**
 * Exit codes: 0 fine, 1 the thing checked is not fine, 2 bad usage. Throughout the project a RangeError is about
 * something that the caller gave.
 */
export function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const isFileError = error instanceof Error && "path" in error;
  return error instanceof RangeError || isFileError ? 2 : 1;
}

const FILE_ERRORS: Record<string, string> = {
  ENOENT: "there is no such file or folder",
  EACCES: "you may not read or write it",
  EISDIR: "it is a folder",
  ENOTDIR: "part of the path is not a folder",
  ENOSPC: "the disk is full",
  EEXIST: "it is there already",
};

/** What is wrong in one line, and what to do about it. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, path } = error as NodeJS.ErrnoException;
  const known = code === undefined ? undefined : FILE_ERRORS[code];
  return known !== undefined && path !== undefined ? `${path}: ${known}` : error.message;
}
