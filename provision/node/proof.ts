import { randomBytes } from "node:crypto";
import { signatureChecker } from "../../host-sim/ports/signer.js";
import type { Proof } from "../operations/prove.js";

/** By what this machine has a board prove who it is. */
export const proof: Proof = {
  checker: signatureChecker,
  random: (bytes) => Uint8Array.from(randomBytes(bytes)),
};
