/** What a witness must not forget of what it signed, or it could contradict itself. */
export interface GuardState {
  /** The last epoch of which it signed an inventory, or was about to. */
  readonly inventory: number;
  /** The last slot about which it said something, or was about to, and what; left out: none. */
  readonly said?: GuardedSlot | undefined;
}

export interface GuardedSlot {
  readonly slot: number;
  /** Hashes of records, in hex. */
  readonly vote?: string | undefined;
  readonly final?: string | undefined;
  readonly isVoid: boolean;
}

/**
 * Is left out of backups, since one that is older than the truth is worse than none: a witness
 * without it is careful.
 */
export interface Guard {
  /** Undefined where nothing is known. */
  read(): GuardState | undefined;
  /** Durable when it returns. Throws where it cannot be written: nothing may be signed then. */
  write(state: GuardState): void;
}
