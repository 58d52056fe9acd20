import type { SignatureChecker } from "../../agent/ports/signer.js";
import { splitFrames } from "../../network/sequence.js";
import { Judge } from "../../network/verify/judge.js";
import type { Judgement } from "../../network/verify/judgement.js";
import type { Registry } from "../../network/verify/registry.js";

/**
 * Judges every frame of a CBOR sequence (RFC 8742), and every stretch of bytes that is none. A device's judgements come
 * in the order of signing. Nothing is kept.
 */
export function verifySequence(
  chunks: AsyncIterable<Uint8Array>,
  registry: Registry,
  signatures: SignatureChecker,
  judged: (judgement: Judgement) => void,
): Promise<void> {
  return verifySequences([chunks], registry, signatures, judged);
}

/** The same of several, as if they were one: a device's chain goes on from each to the next. */
export async function verifySequences(
  sequences: Iterable<AsyncIterable<Uint8Array>>,
  registry: Registry,
  signatures: SignatureChecker,
  judged: (judgement: Judgement) => void,
): Promise<void> {
  const judge = new Judge({ registry, signatures, now: Date.now, keep() {}, judged });
  for (const chunks of sequences)
    for await (const item of splitFrames(chunks)) {
      if (!("failure" in item)) {
        judge.receive(item.bytes);
        continue;
      }
      const { verdict, detail } = item.failure;
      judged({ ok: false, verdict, detail, device: null, offset: item.offset, bytes: item.length });
    }
  judge.giveUp(0);
}
