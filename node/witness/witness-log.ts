import { createLog, type Log, type LogParts } from "../../network/log/log.js";
import { readText, utf8Of } from "../../network/log/text.js";
import type { WitnessStore } from "../../network/ports/witness-store.js";

export interface WitnessLogParts extends Omit<LogParts, "known"> {
  /** Elsewhere than the log's files: keeps the last checkpoint. */
  readonly notes: Pick<WitnessStore, "note" | "setNote">;
}

/** The note's name. */
const CHECKPOINT = "checkpoint";

/**
 * A witness's log for years: opened again after a write to it failed, as on a full disk. Opening it
 * throws InputError where the files are older ones than those that the store saw.
 */
export class WitnessLog {
  readonly #parts: WitnessLogParts;
  #log: Log;
  #hasFailed = false;

  constructor(parts: WitnessLogParts) {
    this.#parts = parts;
    this.#log = this.#open();
  }

  /** To be read. */
  get log(): Log {
    return this.#log;
  }

  /** As `Log.append` does it, to what the files have now. */
  append(entries: readonly Uint8Array[]): number {
    if (this.#hasFailed) this.#log = this.#open();
    this.#hasFailed = true;
    const first = this.#log.append(entries);
    this.#hasFailed = false;
    try {
      this.#parts.notes.setNote(CHECKPOINT, readText(this.#log.checkpoint) as string);
    } catch {
      // The store has failed, and says so. The log goes on from the checkpoint before, too.
    }
    return first;
  }

  #open(): Log {
    const note = this.#parts.notes.note(CHECKPOINT);
    return createLog({ ...this.#parts, known: note === undefined ? undefined : utf8Of(note) });
  }
}
