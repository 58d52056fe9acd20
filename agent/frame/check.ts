import type { SignatureChecker } from "../ports/signer.js";
import * as wire from "./layout.js";
import { type Frame, type ParseFailure, parseFrame } from "./parse.js";

/** What a judge knows before it sees a frame. */
export interface DeviceKeys {
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

/** A frame that names an enrolled device. Nothing is said of its signature yet. */
export interface Claim {
  readonly frame: Frame;
  readonly publicKey: Uint8Array;
}

export type CheckResult = Claim | { readonly failure: CheckFailure };

export interface FrameChecker {
  /** Form, network and device. */
  read(bytes: Uint8Array): CheckResult;
  /** Whether the device signed it. */
  isSigned(claim: Claim): boolean;
  /** Both: all that can be said of a frame without memory of earlier ones. */
  check(bytes: Uint8Array): CheckResult;
}

/** A checker works on one frame at a time and reuses its buffers. */
export function createFrameChecker(keys: DeviceKeys, signatures: SignatureChecker): FrameChecker {
  const signed = new Uint8Array(wire.SIG_STRUCTURE_PREFIX.length + wire.MAX_FRAME_BYTES);
  const digest = new Uint8Array(wire.DIGEST_BYTES);
  signed.set(wire.SIG_STRUCTURE_PREFIX, 0);
  /** A frame's offset + this is the same byte's offset in `signed`. */
  const shift = wire.SIG_STRUCTURE_PREFIX.length - wire.FRAME_PREFIX.length;

  function read(bytes: Uint8Array): CheckResult {
    const parsed = parseFrame(bytes);
    if ("failure" in parsed) return parsed;
    const { frame } = parsed;
    if (frame.network !== keys.network) {
      const detail = `signed for "${frame.network}", not for "${keys.network}"`;
      return { failure: { verdict: "wrong-network", detail, frame } };
    }
    const publicKey = keys.publicKey(frame.kid);
    if (publicKey === undefined)
      return { failure: { verdict: "unknown-device", detail: "the registry has no such device", frame } };
    return { frame, publicKey };
  }

  /** What is signed is the Sig_structure (RFC 9052 §4.4): the frame's own bytes with another start and middle. */
  function isSigned({ frame, publicKey }: Claim): boolean {
    const body = frame.bytes.subarray(wire.FRAME_PREFIX.length, frame.signedEnd);
    signed.set(body, wire.SIG_STRUCTURE_PREFIX.length);
    signed[shift + frame.unprotectedAt] = wire.NO_EXTERNAL_AAD;
    signatures.sha256(signed.subarray(0, shift + frame.signedEnd), digest, 0);
    return signatures.verify(frame.signature, digest, publicKey);
  }

  return {
    read,
    isSigned,
    check(bytes) {
      const claim = read(bytes);
      if ("failure" in claim || isSigned(claim)) return claim;
      const detail = "the signature is not the device's over these bytes";
      return { failure: { verdict: "bad-signature", detail, frame: claim.frame } };
    },
  };
}
