import { CLOCK_UNSET } from "../../agent/frame/chain.js";
import { InputError } from "../../agent/input-error.js";
import type { Clock } from "../../agent/ports/clock.js";
import type { NoteChecker, NoteKey } from "../ports/note-keys.js";
import { type AddCheckpoint, readAddCheckpoint, SIZE_TYPE } from "./add-checkpoint.js";
import type { ForkEvidence } from "./fork.js";
import type { KeptCheckpoint, KeptCheckpoints } from "./kept-checkpoints.js";
import { type NoteSignature, signatureLine, writeNote } from "./note.js";
import { COSIGNATURE, createVerifierKey, type VerifierKey } from "./note-key.js";
import { cosignText, verifiedSignatures } from "./note-signature.js";
import { verifyConsistency } from "./proof-check.js";
import { createTreeHasher, sameHash, type TreeHasher } from "./tree-hash.js";

export interface CosignerParts {
  readonly checker: NoteChecker;
  readonly clock: Pick<Clock, "wall">;
  /** The cosigner's name: a URL without its scheme. */
  readonly name: string;
  /** For cosignatures of this name alone: what they sign does not say who signs. */
  readonly key: NoteKey;
  /** The keys of the logs that are cosigned, each named as its log. */
  readonly logs: readonly VerifierKey[];
  /** Used by this cosigner alone. */
  readonly kept: KeptCheckpoints;
}

/** An answer over HTTP. */
export interface Answer {
  readonly status: 200 | 400 | 403 | 404 | 409 | 422 | 503;
  /** Its content type. */
  readonly type: string;
  readonly body: string;
  /** What came proves that the log is forked. */
  readonly evidence?: ForkEvidence;
}

const TEXT = "text/plain; charset=utf-8";

/**
 * Cosigns other logs (C2SP tlog-witness, whose "witness" is called a cosigner here): says of a
 * checkpoint, at a time, that it goes on from all that it cosigned of that log before.
 */
export class Cosigner {
  readonly key: VerifierKey;
  readonly #parts: CosignerParts;
  readonly #logs: ReadonlyMap<string, VerifierKey>;
  readonly #tree: TreeHasher;

  constructor(parts: CosignerParts) {
    this.key = createVerifierKey(parts.checker, parts.name, COSIGNATURE, parts.key.publicKey);
    this.#parts = parts;
    this.#logs = new Map(parts.logs.map((key) => [key.name, key]));
    this.#tree = createTreeHasher(parts.checker);
  }

  /**
   * Answers the body of an add-checkpoint. It does all at once, so that no two requests are compared
   * with the same state. Throws only what `kept` throws: then nothing was signed for anybody.
   */
  addCheckpoint(body: Uint8Array): Answer {
    let asked: AddCheckpoint;
    try {
      asked = readAddCheckpoint(body);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      return refusal(400, error.message);
    }
    const { origin, size } = asked.checkpoint;
    const log = this.#logs.get(origin);
    if (log === undefined) return refusal(404, "this log is not cosigned here");
    const verified = verifiedSignatures(asked.note, [log], this.#parts.checker);
    if (verified === "wrong" || verified.length === 0) return refusal(403, "the log did not sign this");
    if (asked.old > size) return refusal(400, "the old size is above the checkpoint's");
    const last = this.#parts.kept.last(origin);
    if (asked.old !== (last?.size ?? 0))
      return { status: 409, type: SIZE_TYPE, body: `${last?.size ?? 0}\n` };
    return this.#inconsistency(asked, last) ?? this.#cosign(asked, verified);
  }

  #inconsistency(
    { old, proof, note, checkpoint }: AddCheckpoint,
    last: KeptCheckpoint | undefined,
  ): Answer | undefined {
    const { size, root } = checkpoint;
    const { empty } = this.#tree;
    if (size === 0 && !sameHash(root, empty))
      return refusal(422, "a tree without entries that has another root");
    if (last !== undefined && size === last.size && !sameHash(root, last.root)) {
      const evidence = { older: last.note, newer: writeNote(note), hashes: [] };
      return { ...refusal(422, "another tree of the same size was cosigned"), evidence };
    }
    const isConsistent = verifyConsistency(this.#tree, old, last?.root ?? empty, size, root, proof);
    return isConsistent ? undefined : refusal(422, "the proof does not lead from the one tree to the other");
  }

  #cosign({ note, checkpoint }: AddCheckpoint, verified: readonly NoteSignature[]): Answer {
    const { clock, key, kept } = this.#parts;
    const { state, unix } = clock.wall();
    if (state === CLOCK_UNSET) return refusal(503, "this cosigner has no time yet");
    const cosignature = cosignText(note.text, Math.floor(unix / 1000), this.key, key);
    kept.keep(checkpoint.origin, writeNote({ text: note.text, signatures: [...verified, cosignature] }));
    return { status: 200, type: TEXT, body: signatureLine(cosignature) };
  }
}

const refusal = (status: Answer["status"], reason: string): Answer => ({
  status,
  type: TEXT,
  body: `${reason}\n`,
});
