import { InputError } from "../../agent/input-error.js";
import { keptPath } from "../log/kept-checkpoints.js";
import { MAX_NOTE_BYTES } from "../log/note.js";
import type { VerifierKey } from "../log/note-key.js";
import { openCheckpoint } from "../log/open-checkpoint.js";
import type { NoteChecker } from "../ports/note-keys.js";
import type { PeerLink } from "../ports/peer-link.js";

/** A checkpoint of one's own log that a peer has. */
export interface KnownCheckpoint {
  /** The peer's. */
  readonly name: string;
  readonly size: number;
  readonly note: Uint8Array;
}

/**
 * Asks peers for the last checkpoint that each cosigned of one's own log, the one with `key`. The
 * largest comes first. Only what the log signed is believed. Never rejects.
 */
export async function knownCheckpoints(
  peers: readonly { readonly name: string; readonly link: Pick<PeerLink, "cosigned"> }[],
  key: VerifierKey,
  checker: NoteChecker,
  report: (line: string) => void,
): Promise<KnownCheckpoint[]> {
  const path = keptPath(key.name, checker);
  let answers = 0;
  const known = await Promise.all(
    peers.map(async ({ name, link }): Promise<KnownCheckpoint[]> => {
      try {
        const note = await link.cosigned(path, MAX_NOTE_BYTES);
        answers++;
        if (note === undefined) return [];
        return [{ name, size: openCheckpoint(note, key, checker).checkpoint.size, note }];
      } catch (error) {
        const does = error instanceof InputError ? "shows no checkpoint of this log" : "does not answer";
        report(`peer ${name} ${does}: ${(error as Error).message}`);
        return [];
      }
    }),
  );
  if (answers === 0 && peers.length > 0)
    report(
      "no peer says how long this log was: it is started without knowing whether its files are old ones",
    );
  return known.flat().sort((a, b) => b.size - a.size);
}
