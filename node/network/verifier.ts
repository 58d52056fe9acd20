import type { SignatureChecker } from "../../agent/ports/signer.js";
import { createVerifier, type Verifier, type VerifierInit } from "../../network/verify/verifier.js";
import { createSystemClock } from "../ports/clock.js";
import { signatureChecker } from "../ports/signer.js";
import { SequenceFile } from "./frame-file.js";
import type { Rotation } from "./segments.js";
import { openFrameStore } from "./store.js";

type Ports = "signatures" | "clock" | "openStore" | "evidence" | "quarantineFile";

export interface NodeVerifierInit extends Omit<VerifierInit, Ports> {
  /** Left out: libsecp256k1. */
  readonly signatures?: SignatureChecker;
  /**
   * Authentic frames are appended to this file (`.cborseq`); beside it are `<out>.quarantine` and
   * `<out>.evidence`. Left out: nothing is kept.
   */
  readonly out?: string | undefined;
  /**
   * When a file is closed and the next one begun; closed ones stay beside it, and are taken as
   * seen, too.
   */
  readonly rotation?: Rotation | undefined;
}

/** A verifier with Node's ports. Throws as `openFrameStore` does. */
export function openVerifier({
  out,
  rotation,
  signatures = signatureChecker,
  ...init
}: NodeVerifierInit): Verifier {
  return createVerifier({
    ...init,
    signatures,
    clock: createSystemClock(),
    ...(out !== undefined && {
      openStore: (replay) => openFrameStore(out, replay, rotation),
      evidence: new SequenceFile(`${out}.evidence`),
      ...((init.quarantine ?? 0) > 0 && { quarantineFile: new SequenceFile(`${out}.quarantine`) }),
    }),
  });
}
