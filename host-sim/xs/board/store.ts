import type { KeyValue } from "../../../agent/ports/key-value.js";
import { FromBoard } from "../messages.js";
import { host } from "./host.js";
import { ascii } from "./text.js";

/**
 * Values in this board's memory; Node hears of every change before it hears of anything that comes after. A key is said once,
 * and then is a number.
 */
export class HostStore implements KeyValue {
  readonly #keys: string[] = [];
  readonly #values: (Uint8Array | undefined)[] = [];

  constructor(values: Readonly<Record<string, readonly number[]>>) {
    for (const key of Object.keys(values))
      this.#values[this.place(key)] = Uint8Array.from(values[key] as number[]);
  }

  get(key: string): Uint8Array | undefined {
    return this.#values[this.place(key)]?.slice();
  }

  set(key: string, value: Uint8Array): void {
    const place = this.place(key);
    const kept = this.#values[place];
    if (kept?.length === value.length) kept.set(value);
    else this.#values[place] = value.slice();
    host.send(FromBoard.storeSet, place, value);
  }

  delete(key: string): void {
    const place = this.place(key);
    if (this.#values[place] === undefined) return;
    this.#values[place] = undefined;
    host.send(FromBoard.storeDelete, place);
  }

  private place(key: string): number {
    const known = this.#keys.indexOf(key);
    if (known >= 0) return known;
    host.send(FromBoard.storeKey, this.#keys.length, ascii(key));
    return this.#keys.push(key) - 1;
  }
}
