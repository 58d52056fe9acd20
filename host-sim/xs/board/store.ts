import type { KeyValue } from "../../../agent/ports/key-value.js";
import { FromBoard } from "../messages.js";
import { host } from "./host.js";
import { ascii } from "./text.js";

/** Values in this board's memory; Node hears of every change before it hears of anything that comes after. */
export class HostStore implements KeyValue {
  readonly #values = new Map<string, Uint8Array>();

  constructor(values: Readonly<Record<string, readonly number[]>>) {
    for (const key of Object.keys(values)) this.#values.set(key, Uint8Array.from(values[key] as number[]));
  }

  get(key: string): Uint8Array | undefined {
    return this.#values.get(key)?.slice();
  }

  set(key: string, value: Uint8Array): void {
    const kept = this.#values.get(key);
    if (kept?.length === value.length) kept.set(value);
    else this.#values.set(key, value.slice());
    host.send(FromBoard.storeSet, key.length, ascii(key), value);
  }

  delete(key: string): void {
    if (this.#values.delete(key)) host.send(FromBoard.storeDelete, 0, ascii(key));
  }
}
