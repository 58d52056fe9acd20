import { CborReader } from "../agent/cbor/reader.js";
import { CborWriter } from "../agent/cbor/writer.js";
import type { KeyValue } from "../agent/ports/key-value.js";
import type { ResetReason } from "./resets.js";

const KEY = "wire";
/** Milliseconds for which the wire answers after power-up. */
const WHOLE = 10 * 60_000;
const INT_BYTES = 9;

/** Starts by somebody who is at the board, or who had its power away. After others only what was left of the time counts. */
const AT_THE_BOARD: readonly ResetReason[] = Object.freeze(["power-on", "external", "killed", "unknown"]);

/**
 * How long the wire is open in this boot. The time counts from power-up, over all starts after it:
 * an order, settings on trial or a fault that restarts the board open the wire for nobody. What is
 * left is written down before a start that the board makes itself; after a panic or a watchdog
 * nothing is left.
 */
export class WireTime {
  /** Milliseconds after power-up, and those that this boot has. */
  readonly whole: number;
  readonly left: number;
  readonly #store: KeyValue;

  constructor(store: KeyValue, reset: ResetReason, whole = WHOLE) {
    this.#store = store;
    this.whole = whole;
    const kept = store.get(KEY);
    if (kept !== undefined) store.delete(KEY);
    this.left = AT_THE_BOARD.includes(reset) ? whole : Math.min(whole, read(kept));
  }

  /** To be called before the board restarts itself. */
  keep(left: number): void {
    if (left < 1) return;
    const writer = new CborWriter(new Uint8Array(INT_BYTES));
    writer.int(Math.floor(left));
    try {
      this.#store.set(KEY, writer.buffer.slice(0, writer.offset));
    } catch {
      // A store that fails keeps no board from its start.
    }
  }
}

function read(kept: Uint8Array | undefined): number {
  try {
    return kept === undefined ? 0 : new CborReader(kept).uint();
  } catch {
    return 0;
  }
}
