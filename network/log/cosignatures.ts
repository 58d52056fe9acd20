import { InputError } from "../../agent/input-error.js";
import type { NoteChecker } from "../ports/note-keys.js";
import { type NoteSignature, parseSignatures, writeNote } from "./note.js";
import type { VerifierKey } from "./note-key.js";
import { verifiedSignatures } from "./note-signature.js";
import { openCheckpoint } from "./open-checkpoint.js";

/**
 * A log's checkpoint with the signatures of `lines` by `cosigners` on it, each in place of an earlier
 * one by the same key. What others signed is left out. Throws InputError where one of them did not
 * sign what bears its name, or the note is no checkpoint of the log with `key`.
 */
export function addCosignatures(
  checkpoint: Uint8Array,
  lines: string,
  key: VerifierKey,
  cosigners: readonly VerifierKey[],
  checker: NoteChecker,
): Uint8Array {
  const { note, verified } = openCheckpoint(checkpoint, key, checker, cosigners);
  const added = verifiedSignatures({ ...note, signatures: parseSignatures(lines) }, cosigners, checker);
  if (added === "wrong") throw new InputError("a cosignature of another checkpoint");
  const byKey = new Map<string, NoteSignature>();
  for (const signature of [...verified, ...added]) byKey.set(`${signature.name}+${signature.id}`, signature);
  return writeNote({ text: note.text, signatures: [...byKey.values()] });
}
