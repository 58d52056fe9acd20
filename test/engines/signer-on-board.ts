import { createSigner, signatureChecker } from "../../node/ports/signer.js";
import { describeSigner, SIGNER_KEYS } from "../conformance/signer.js";

/** Runs on both engines' boards, where node/ports/signer.ts is the board's own: it signs with its key alone. */
const OWN = SIGNER_KEYS.find(([, key]) => {
  try {
    createSigner(key).sign(new Uint8Array(32).fill(1), new Uint8Array(64), 0);
    return true;
  } catch {
    return false;
  }
});
if (OWN === undefined) throw new Error("the board has none of the suite's keys");
const [name, key] = OWN;
describeSigner(`a board, private key ${name}`, key, {
  signer: createSigner(key),
  checker: signatureChecker,
});
