import type { NoteChecker } from "../ports/note-keys.js";
import type { VerifierKey } from "./note-key.js";
import { openCheckpoint } from "./open-checkpoint.js";
import { MAX_PROOF_HASHES, partedRoots } from "./proof-check.js";
import { createTreeHasher, sameHash } from "./tree-hash.js";

/** Two checkpoints that one log signed, of which one does not begin with the other. */
export interface ForkEvidence {
  /** The note with the smaller size, whole, or either of them. */
  readonly older: Uint8Array;
  readonly newer: Uint8Array;
  /**
   * The hashes of `partingRanges` in the newer tree, by which anybody sees what that has at the older
   * size. None where the sizes are equal, since two roots say all.
   */
  readonly hashes: readonly Uint8Array[];
}

/**
 * Whether the evidence stands by itself: both are signed by the log's key, and the newer tree has
 * another root at the older size than the older checkpoint says. False for anything else.
 */
export function isFork(evidence: ForkEvidence, key: VerifierKey, checker: NoteChecker): boolean {
  try {
    const older = openCheckpoint(evidence.older, key, checker).checkpoint;
    const newer = openCheckpoint(evidence.newer, key, checker).checkpoint;
    if (older.size === newer.size) return !sameHash(older.root, newer.root);
    if (older.size > newer.size || older.size === 0 || evidence.hashes.length > MAX_PROOF_HASHES + 1)
      return false;
    const roots = partedRoots(createTreeHasher(checker), older.size, newer.size, evidence.hashes);
    return roots !== undefined && sameHash(roots.new, newer.root) && !sameHash(roots.old, older.root);
  } catch {
    return false; // a note that is none
  }
}
