import { InputError } from "../../agent/input-error.js";
import { readCosignerAnswer, writeAddCheckpoint } from "../log/add-checkpoint.js";
import type { Log } from "../log/log.js";
import type { VerifierKey } from "../log/note-key.js";
import { openCheckpoint } from "../log/open-checkpoint.js";
import type { NoteChecker } from "../ports/note-keys.js";
import type { PeerLink } from "../ports/peer-link.js";

/** What became of a request for a cosignature. */
export type Asked =
  /** The log's checkpoint of `size` has it. */
  | { readonly kind: "cosigned"; readonly size: number }
  /** The peer says that it cosigned `size` entries, more than the log has. */
  | { readonly kind: "ahead"; readonly size: number }
  | { readonly kind: "refused"; readonly reason: string };

export interface Asking {
  readonly log: Pick<Log, "key" | "size" | "checkpoint" | "consistency" | "addCosignatures">;
  readonly checker: NoteChecker;
  readonly ask: PeerLink["ask"];
  /** Whose cosignature is asked for. */
  readonly key: VerifierKey;
  /** All whose cosignatures the checkpoint may have, that one too. */
  readonly keys: readonly VerifierKey[];
}

/** Requests at most: for the size that it knows, and for what was appended meanwhile. */
const REQUESTS = 4;

/**
 * Asks a peer to cosign the log as it is, and adds what it signed to the checkpoint. `old`: the size
 * that it is thought to know. Rejects where there is no answer.
 */
export async function askCosigner(asking: Asking, old: number): Promise<Asked> {
  const { log, ask } = asking;
  for (let request = 0, known = old; request < REQUESTS; request++) {
    const { size, checkpoint } = log;
    if (known > size) return { kind: "ahead", size: known };
    const said = await ask(writeAddCheckpoint(known, log.consistency(known, size), checkpoint));
    const answer = readCosignerAnswer(said.status, said.body);
    if (answer.kind === "refused") return refused(`it answers ${answer.status}`);
    if (answer.kind === "size") known = answer.size;
    // What it signed is no longer shown.
    else if (log.size !== size) known = size;
    else return add(asking, answer.lines);
  }
  return refused("it names one size after another");
}

function add({ log, checker, key, keys }: Asking, lines: string): Asked {
  try {
    log.addCosignatures(lines, keys);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return refused(error.message);
  }
  const { verified } = openCheckpoint(log.checkpoint, log.key, checker, [key]);
  const isThere = verified.some(({ name, id }) => name === key.name && id === key.id);
  return isThere
    ? { kind: "cosigned", size: log.size }
    : refused("its answer has no signature by the cosigner_key that is configured");
}

const refused = (reason: string): Asked => ({ kind: "refused", reason });
