import { InputError } from "../../agent/input-error.js";
import type { NoteChecker } from "../ports/note-keys.js";
import { type Checkpoint, readCheckpoint } from "./checkpoint.js";
import { type Note, readNote } from "./note.js";
import type { VerifierKey } from "./note-key.js";
import { type VerifiedSignature, verifiedSignatures } from "./note-signature.js";

/** A checkpoint that its log signed. */
export interface OpenedCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly note: Note;
  /** The note's signatures by the keys that were asked for. */
  readonly verified: readonly VerifiedSignature[];
}

/**
 * Reads a note as a checkpoint of the log with this key: its origin is the key's name. `others`:
 * keys of cosigners whose signatures are wanted, too. Throws InputError where it is none, or a known
 * key did not sign what bears its name.
 */
export function openCheckpoint(
  bytes: Uint8Array,
  key: VerifierKey,
  checker: NoteChecker,
  others: readonly VerifierKey[] = [],
): OpenedCheckpoint {
  const note = readNote(bytes);
  const checkpoint = readCheckpoint(note.text);
  if (checkpoint.origin !== key.name) throw new InputError("a checkpoint of another log");
  const verified = verifiedSignatures(note, [key, ...others], checker);
  if (verified === "wrong") throw new InputError("a checkpoint with a wrong signature");
  if (!verified.some(({ id, name }) => id === key.id && name === key.name))
    throw new InputError("a checkpoint that its log did not sign");
  return { checkpoint, note, verified };
}
