import type { KeyValue } from "../../../../agent/ports/key-value.js";
import { FromBoard } from "../messages.js";
import { host } from "./host.js";
import { Names } from "./names.js";

/**
 * Values in this board's memory; Node hears of every change before it hears of anything that comes after. Where the store is
 * remote, Node may fail, or cut the power, inside of it.
 */
export class HostStore implements KeyValue {
  readonly #keys = new Names(FromBoard.storeKey);
  readonly #values: (Uint8Array | undefined)[] = [];
  readonly #isRemote: boolean;

  constructor(values: Readonly<Record<string, ArrayLike<number>>>, isRemote: boolean) {
    this.#isRemote = isRemote;
    for (const key of Object.keys(values))
      this.#values[this.#keys.number(key)] = Uint8Array.from(values[key] as ArrayLike<number>);
  }

  get(key: string): Uint8Array | undefined {
    return this.#values[this.#keys.number(key)]?.slice();
  }

  set(key: string, value: Uint8Array): void {
    const place = this.#keys.number(key);
    if (this.#isRemote) host.call(FromBoard.storeSet, place, undefined, value);
    else host.send(FromBoard.storeSet, place, value);
    const kept = this.#values[place];
    if (kept?.length === value.length) kept.set(value);
    else this.#values[place] = value.slice();
  }

  delete(key: string): void {
    const place = this.#keys.number(key);
    if (this.#values[place] === undefined) return;
    if (this.#isRemote) host.call(FromBoard.storeDelete, place, undefined);
    else host.send(FromBoard.storeDelete, place);
    this.#values[place] = undefined;
  }
}
