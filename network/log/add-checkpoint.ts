import { DIGEST_BYTES } from "../../agent/frame/layout.js";
import { InputError } from "../../agent/input-error.js";
import { type Checkpoint, readCheckpoint } from "./checkpoint.js";
import { MAX_NOTE_BYTES, type Note, parseNote } from "./note.js";
import { MAX_PROOF_HASHES } from "./proof-check.js";
import { base64Of, readBase64, readDecimal, readText, utf8Of } from "./text.js";

/** Bytes of a request's body at most: old size, hashes of 44 characters, and a note. */
export const MAX_ADD_CHECKPOINT_BYTES = MAX_NOTE_BYTES + 32 + 45 * MAX_PROOF_HASHES;
/** The type of an answer that names a size (tlog-witness, "add-checkpoint"). */
export const SIZE_TYPE = "text/x.tlog.size";

/** What a log asks a cosigner (tlog-witness, "add-checkpoint"). Nothing in it is proven. */
export interface AddCheckpoint {
  /** The size that the cosigner is thought to know. */
  readonly old: number;
  /** From that size on (RFC 6962 §2.1.2), at most 63 hashes of 32 bytes. */
  readonly proof: readonly Uint8Array[];
  readonly note: Note;
  readonly checkpoint: Checkpoint;
}

/** The body of a request: `old N`, a line a hash in base64, an empty line, the checkpoint. */
export function writeAddCheckpoint(
  old: number,
  proof: readonly Uint8Array[],
  checkpoint: Uint8Array,
): Uint8Array {
  const head = utf8Of(`old ${old}\n${proof.map((hash) => `${base64Of(hash)}\n`).join("")}\n`);
  const body = new Uint8Array(head.length + checkpoint.length);
  body.set(head);
  body.set(checkpoint, head.length);
  return body;
}

/** The reverse. Throws InputError for anything that is none. */
export function readAddCheckpoint(body: Uint8Array): AddCheckpoint {
  const text = body.length > MAX_ADD_CHECKPOINT_BYTES ? undefined : readText(body);
  if (text === undefined) throw new InputError("too long, or not UTF-8");
  const end = text.indexOf("\n\n");
  if (end < 0) throw new InputError("no empty line before the checkpoint");
  const [first = "", ...lines] = text.slice(0, end).split("\n");
  const old = first.startsWith("old ") ? readDecimal(first.slice("old ".length)) : undefined;
  if (old === undefined) throw new InputError("the first line is no old size");
  if (lines.length > MAX_PROOF_HASHES) throw new InputError(`more than ${MAX_PROOF_HASHES} hashes`);
  const note = parseNote(text.slice(end + 2));
  return { old, proof: lines.map(readHash), note, checkpoint: readCheckpoint(note.text) };
}

/** What a cosigner answered: signature lines, the size that it knows, or neither. */
export type CosignerAnswer =
  | { readonly kind: "cosigned"; readonly lines: string }
  | { readonly kind: "size"; readonly size: number }
  | { readonly kind: "refused"; readonly status: number };

/** Reads a cosigner's answer; never throws. `lines` may be anything: `addCosignatures` checks them. */
export function readCosignerAnswer(status: number, body: Uint8Array): CosignerAnswer {
  const text = body.length > MAX_NOTE_BYTES ? undefined : readText(body);
  if (status === 200 && text !== undefined) return { kind: "cosigned", lines: text };
  const size = status === 409 && text?.endsWith("\n") ? readDecimal(text.slice(0, -1)) : undefined;
  return size === undefined ? { kind: "refused", status } : { kind: "size", size };
}

function readHash(line: string): Uint8Array {
  const hash = readBase64(line);
  if (hash?.length !== DIGEST_BYTES) throw new InputError("a line of the proof is no hash");
  return hash;
}
