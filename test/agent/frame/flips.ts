import { createFrameChecker } from "../../../agent/frame/check.js";
import type { SignatureChecker } from "../../../agent/ports/signer.js";
import { testEnrolment } from "../../support/frames.js";

export interface Flips {
  /** Bits flipped, one at a time: all that the frame has. */
  tried: number;
  /** Bits, from the frame's start, whose flipping left the verdict ok. There must be none. */
  accepted: number[];
  /** How often each verdict came. */
  verdicts: Map<string, number>;
}

/** Judges `frame` with each of its bits flipped in turn. Throws where the judge does. */
export function flipEveryBit(
  frame: Uint8Array,
  signatures: SignatureChecker,
  publicKey = testEnrolment.publicKey,
): Flips {
  const checker = createFrameChecker({ ...testEnrolment, publicKey }, signatures);
  const flipped = frame.slice();
  const flips: Flips = { tried: 0, accepted: [], verdicts: new Map() };
  for (let bit = 0; bit < 8 * frame.length; bit++) {
    const at = bit >> 3;
    const byte = frame[at] as number;
    flipped[at] = byte ^ (0x80 >> (bit & 7));
    const result = checker.check(flipped);
    flipped[at] = byte;
    const verdict = "failure" in result ? result.failure.verdict : "ok";
    flips.tried++;
    flips.verdicts.set(verdict, (flips.verdicts.get(verdict) ?? 0) + 1);
    if (verdict === "ok") flips.accepted.push(bit);
  }
  return flips;
}
