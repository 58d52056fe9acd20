import type { KeyValue } from "../../agent/ports/key-value.js";
import { files, readWhole, replaceFile } from "./files.js";

const PREFIX = "store-";
const LONGEST_KEY = 15;

/** A file a key, replaced whole. */
export class FileKeyValue implements KeyValue {
  get(key: string): Uint8Array | undefined {
    return readWhole(pathOf(key));
  }

  set(key: string, value: Uint8Array): void {
    replaceFile(pathOf(key), (file) => {
      if (value.length > 0) file.write(value, 0);
    });
  }

  delete(key: string): void {
    if (this.get(key) !== undefined) files.delete(pathOf(key));
  }
}

function pathOf(key: string): string {
  if (key.length < 1 || key.length > LONGEST_KEY || !isPlain(key))
    throw new RangeError(`key: "${key}" is not 1 to ${LONGEST_KEY} of a-z, 0-9 and -`);
  return PREFIX + key;
}

function isPlain(key: string): boolean {
  for (const character of key)
    if (
      !((character >= "a" && character <= "z") || (character >= "0" && character <= "9") || character === "-")
    )
      return false;
  return true;
}
