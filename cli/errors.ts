import { CommanderError } from "commander";
import { InputError } from "../agent/input-error.js";

/**
 * Exit codes: 0 fine, 1 the thing checked is not fine or this machine fails, 2 bad usage: an
 * InputError. V8 throws RangeError for a stack overflow as well, so that is a fault of the program.
 */
export function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  return error instanceof InputError || codeOf(error) in NAMED_FILE_ERRORS ? 2 : 1;
}

/** What is wrong with a file that the caller named. */
const NAMED_FILE_ERRORS: Record<string, string> = {
  ENOENT: "there is no such file or folder",
  EACCES: "you may not read or write it",
  EISDIR: "it is a folder",
  ENOTDIR: "part of the path is not a folder",
  EEXIST: "it is there already",
  ENAMETOOLONG: "the name is too long",
  ELOOP: "its links lead in a circle",
  EROFS: "it cannot be written to: what it is on is read-only",
};

/** What is wrong with the machine. */
const DISK_ERRORS: Record<string, string> = {
  ENOSPC: "the disk is full",
  EDQUOT: "your share of the disk is full",
};

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException | null | undefined)?.code ?? "";

/** What is wrong in one line, and what to do about it. `file`: what an error that names no file is about. */
export function messageOf(error: unknown, file = "a file that you named"): string {
  const known = NAMED_FILE_ERRORS[codeOf(error)] ?? DISK_ERRORS[codeOf(error)];
  if (known !== undefined) return `${(error as NodeJS.ErrnoException).path ?? file}: ${known}`;
  return error instanceof Error ? error.message : String(error);
}

/**
 * `text` without the user names and passwords of URLs in `args`: for what repeats arguments, as messages about a
 * mistyped option do.
 */
export function withoutPasswords(text: string, args: readonly string[]): string {
  const secrets = args.flatMap((arg) => /:\/\/(.+@)/s.exec(arg)?.[1] ?? []);
  return secrets.reduce((shown, secret) => shown.replaceAll(secret, ""), text);
}
