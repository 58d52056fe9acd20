import { InputError } from "../../agent/input-error.js";
import { createRegistry, type Registry } from "../../network/verify/registry.js";
import { parseJson } from "../../text/json-text.js";
import { keyReader } from "../ports/signer.js";
import { readTextFile } from "../text-file.js";

/** Reads a registry file. Throws InputError that says which entry is wrong, and how. */
export function loadRegistry(path: string): Registry {
  const text = readTextFile(path);
  let json: unknown;
  try {
    json = parseJson(text);
  } catch (error) {
    throw new InputError(`registry ${path} is ${(error as Error).message}`);
  }
  return createRegistry(json, keyReader, `registry ${path}`);
}
