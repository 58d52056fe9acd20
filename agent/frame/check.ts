import type { SignatureChecker } from "../ports/signer.js";
import * as wire from "./layout.js";
import { type Frame, type ParseFailure, parseFrame } from "./parse.js";

/** What a judge knows before it sees a frame. */
export interface Enrolment {
  readonly network: string;
  /** The public key (33 or 65 bytes, SEC 1) that a kid stands for, or undefined. */
  publicKey(kid: Uint8Array): Uint8Array | undefined;
}

export interface CheckFailure {
  readonly verdict: ParseFailure["verdict"] | "wrong-network" | "unknown-device" | "bad-signature";
  readonly detail: string;
  readonly offset?: number;
  /** The frame, where there was one to read. Nothing in it is proven. */
  readonly frame?: Frame;
}

export type CheckResult = { readonly frame: Frame } | { readonly failure: CheckFailure };

/**
 * Judges frames as far as that needs no memory of earlier ones: form, network, device, signature.
 * One checker works on one frame at a time and reuses its buffers.
 */
export function createFrameChecker(enrolment: Enrolment, checker: SignatureChecker) {
  const signed = new Uint8Array(wire.SIG_STRUCTURE_PREFIX.length + wire.MAX_FRAME_BYTES);
  const digest = new Uint8Array(wire.DIGEST_BYTES);
  signed.set(wire.SIG_STRUCTURE_PREFIX, 0);
  /** A frame's offset + this is the same byte's offset in `signed`. */
  const shift = wire.SIG_STRUCTURE_PREFIX.length - wire.FRAME_PREFIX.length;

  /** The digest that `frame`'s signature is over: SHA-256 of its Sig_structure (RFC 9052 §4.4). */
  function signedDigest(frame: Frame): Uint8Array {
    signed.set(
      frame.bytes.subarray(wire.FRAME_PREFIX.length, frame.signedEnd),
      wire.SIG_STRUCTURE_PREFIX.length,
    );
    signed[shift + frame.unprotectedAt] = wire.NO_EXTERNAL_AAD;
    checker.sha256(signed.subarray(0, shift + frame.signedEnd), digest, 0);
    return digest;
  }

  return {
    check(bytes: Uint8Array): CheckResult {
      const parsed = parseFrame(bytes);
      if ("failure" in parsed) return parsed;
      const { frame } = parsed;
      if (frame.network !== enrolment.network) {
        const detail = `signed for "${frame.network}", not for "${enrolment.network}"`;
        return { failure: { verdict: "wrong-network", detail, frame } };
      }
      const publicKey = enrolment.publicKey(frame.kid);
      if (publicKey === undefined)
        return { failure: { verdict: "unknown-device", detail: "the registry has no such device", frame } };
      if (!checker.verify(frame.signature, signedDigest(frame), publicKey)) {
        const detail = "the signature is not the device's over these bytes";
        return { failure: { verdict: "bad-signature", detail, frame } };
      }
      return parsed;
    },
  };
}
