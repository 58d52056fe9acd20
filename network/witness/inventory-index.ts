import { readBody } from "../inventory/body.js";
import type { Log } from "../log/log.js";
import { readEntry } from "./entries.js";

interface Indexed {
  readonly index: number;
  /** Unix seconds, `until` not included. */
  readonly from: number;
  readonly until: number;
}

/** Which entries of a log are inventories, and of which time. An entry is read once. */
export class InventoryIndex {
  readonly #inventories: Indexed[] = [];
  #next = 0;

  /** Indexes of the inventories that have frames of a time, in the order of the log. */
  covering(log: Pick<Log, "entry" | "size">, time: number): number[] {
    for (; this.#next < log.size; this.#next++) {
      const entry = readEntry(log.entry(this.#next));
      const body = entry?.kind === "inventory" ? readBody(entry.body) : undefined;
      if (body !== undefined)
        this.#inventories.push({ index: this.#next, from: body.from, until: body.until });
    }
    return this.#inventories
      .filter(({ from, until }) => time >= from && time < until)
      .map(({ index }) => index);
  }
}
