import KeyValueStorage, { type Storage } from "embedded:storage/key-value";
import type { KeyValue } from "../../agent/ports/key-value.js";

/** The signer's key is in another namespace ("fieldmark", native/platform-esp32.c): nothing here can reach it. */
const NAMESPACE = "agent";
const LONGEST_KEY = 15;

/**
 * NVS by the SDK's ECMA-419 key-value storage (§23), whose `write` is nvs_set_blob and nvs_commit: an entry is marked as
 * written only when all of it is, and an old one is erased after that.
 */
export class NvsKeyValue implements KeyValue {
  readonly #storage: Storage = KeyValueStorage.open({ path: NAMESPACE, format: "buffer" });

  get(key: string): Uint8Array | undefined {
    check(key);
    const value = this.#storage.read(key) as ArrayBuffer | undefined;
    return value === undefined ? undefined : new Uint8Array(value);
  }

  set(key: string, value: Uint8Array): void {
    check(key);
    this.#storage.write(key, value);
  }

  delete(key: string): void {
    check(key);
    this.#storage.delete(key);
  }
}

function check(key: string): void {
  let isPlain = key.length > 0 && key.length <= LONGEST_KEY;
  for (const character of key)
    isPlain &&=
      (character >= "a" && character <= "z") || (character >= "0" && character <= "9") || character === "-";
  if (!isPlain) throw new RangeError(`key: "${key}" is not 1 to ${LONGEST_KEY} of a-z, 0-9 and -`);
}
