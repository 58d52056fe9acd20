import { createSigner, signatureChecker } from "../../node/ports/signer.js";
import { describeSigner, SIGNER_KEYS } from "./signer.js";

for (const [name, key] of SIGNER_KEYS)
  describeSigner(`npm secp256k1, private key ${name}`, key, {
    signer: createSigner(key),
    checker: signatureChecker,
  });
