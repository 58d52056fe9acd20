import { randomBytes } from "node:crypto";
import type { Proof } from "../../provision/operations/prove.js";
import { signatureChecker } from "../ports/signer.js";

/** By what this machine has a board prove who it is. */
export const proof: Proof = {
  checker: signatureChecker,
  random: (bytes) => Uint8Array.from(randomBytes(bytes)),
};
