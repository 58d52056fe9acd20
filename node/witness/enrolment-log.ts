import { createHash } from "node:crypto";
import { MAX_ENTRY_BYTES } from "../../network/log/bundle.js";
import type { Log } from "../../network/log/log.js";
import type { WitnessStore } from "../../network/ports/witness-store.js";
import { writeEntry } from "../../network/witness/entries.js";

/** CBOR around a statement in its entry, at most. */
const AROUND = 16;

/**
 * Owners' statements that are in force go into the log, once each. Where a crash comes between the
 * log and the store's note of it, one is there twice, which means nothing.
 */
export class EnrolmentLog {
  readonly #log: Pick<Log, "append">;
  readonly #store: Pick<WitnessStore, "note" | "setNote">;
  /** Those that are not in the log yet, as it could not be written. */
  #waiting: Uint8Array[] = [];

  constructor(log: Pick<Log, "append">, store: Pick<WitnessStore, "note" | "setNote">) {
    this.#log = log;
    this.#store = store;
  }

  /**
   * Adds them, and what waits since earlier. Throws where the log cannot be written: then they wait
   * for the next call. A statement that is too long for an entry is in force all the same.
   */
  add(statements: readonly Uint8Array[]): void {
    this.#waiting.push(...statements.filter((one) => one.length + AROUND <= MAX_ENTRY_BYTES));
    const added = this.#waiting.filter((one) => this.#store.note(nameOf(one)) === undefined);
    if (added.length > 0) {
      const first = this.#log.append(added.map((statement) => writeEntry({ kind: "enrolment", statement })));
      for (const [index, statement] of added.entries())
        this.#store.setNote(nameOf(statement), `${first + index}`);
    }
    this.#waiting = [];
  }
}

const nameOf = (statement: Uint8Array) => `enrolment ${createHash("sha256").update(statement).digest("hex")}`;
