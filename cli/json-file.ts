import { InputError } from "../agent/input-error.js";
import { readTextFile } from "../node/text-file.js";
import { parseJson } from "../text/json-text.js";

/** What a file of JSON says. Throws InputError that names the file, or the error of one that cannot be read. */
export function readJsonFile(file: string): unknown {
  try {
    return parseJson(readTextFile(file));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== undefined) throw error;
    throw new InputError(`${file} is ${(error as Error).message}`);
  }
}
