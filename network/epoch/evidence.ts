import { hex, isSameBytes } from "../../agent/cose/kid.js";
import { comparePositions, type DroppedRange } from "../../agent/frame/chain.js";
import { createFrameChecker } from "../../agent/frame/check.js";
import { InputError } from "../../agent/input-error.js";
import type { SignatureChecker } from "../../agent/ports/signer.js";
import type { DeviceState } from "./device-state.js";
import type { FramePair } from "./inputs.js";

/**
 * The places, by kid in hex, that pairs of frames show to be contradicted. Throws InputError for a
 * pair that shows nothing: no honest leader names one.
 */
export function contradictedBy(
  evidence: readonly FramePair[],
  devices: ReadonlyMap<string, DeviceState>,
  network: string,
  checker: SignatureChecker,
): Map<string, DroppedRange[]> {
  const publicKey = (kid: Uint8Array) => devices.get(hex(kid))?.enrolled.publicKey;
  const check = createFrameChecker({ network, publicKey }, checker);
  const places = new Map<string, DroppedRange[]>();
  for (const pair of evidence) {
    const [one, other] = pair.map((bytes) => check.check(bytes));
    if (one === undefined || other === undefined || "failure" in one || "failure" in other)
      throw new InputError("evidence: a frame is not authentic");
    const { kid, boot, sequence } = one.frame;
    if (!isSameBytes(kid, other.frame.kid) || comparePositions(one.frame, other.frame) !== 0)
      throw new InputError("evidence: two frames are not of one place");
    if (isSameBytes(one.frame.bytes, other.frame.bytes))
      throw new InputError("evidence: two frames are the same");
    const known = places.get(hex(kid)) ?? [];
    known.push({ boot, first: sequence, last: sequence });
    places.set(hex(kid), known);
  }
  return places;
}
