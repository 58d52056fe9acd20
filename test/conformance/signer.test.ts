import { createSigner, signatureChecker } from "../../node/ports/signer.js";
import { describeSigner } from "./signer.js";

describeSigner("npm secp256k1", { create: createSigner, checker: signatureChecker });
