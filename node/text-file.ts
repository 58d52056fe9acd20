import { readFileSync } from "node:fs";
import { InputError } from "../agent/input-error.js";
import { decodeText, firstLine } from "../text/decode.js";

/**
 * The text of a file that somebody hands over; every file of text is read by this. `path`: 0 for standard input. Throws InputError that names the
 * file and shows nothing of it, or the error of a file that cannot be read.
 */
export function readTextFile(path: string | 0): string {
  const bytes = readFileSync(path);
  try {
    return decodeText(bytes);
  } catch (error) {
    throw new InputError(`${path === 0 ? "standard input" : path}: ${(error as Error).message}`);
  }
}

/** The text of an environment variable, without what `$(cat file)` may bring along. Throws InputError that names it and does not show it. */
export function textOfVariable(name: string): string | undefined {
  const text = process.env[name];
  // Node turns what is not UTF-8 into U+FFFD.
  if (text?.includes("\uFFFD")) throw new InputError(`${name}: not text in UTF-8`);
  return text === undefined ? undefined : firstLine(text);
}
