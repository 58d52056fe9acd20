import {
  STATEMENT_SIGNATURE_BYTES,
  type StatementChecker,
  type StatementSigner,
} from "../../network/ports/statement-keys.js";
import { publicKeyOf, secp256k1 } from "../secp256k1.js";

/** v is the recovery id and this. */
const V = 27;

/** Throws as `publicKeyOf` does. */
export function createStatementSigner(privateKey: Uint8Array): StatementSigner {
  const publicKey = publicKeyOf(privateKey, true);
  return {
    publicKey,
    sign(digest) {
      const { signature, recid } = secp256k1.ecdsaSign(digest, privateKey);
      return Uint8Array.of(...signature, V + recid);
    },
  };
}

export const statementChecker: StatementChecker = {
  recover(signature, digest) {
    const recid = (signature[STATEMENT_SIGNATURE_BYTES - 1] ?? 0) - V;
    if (signature.length !== STATEMENT_SIGNATURE_BYTES || (recid !== 0 && recid !== 1)) return undefined;
    const compact = signature.slice(0, STATEMENT_SIGNATURE_BYTES - 1);
    try {
      // It normalizes in place: one with a high S changes.
      const low = secp256k1.signatureNormalize(Uint8Array.from(compact));
      if (!Buffer.from(low).equals(compact)) return undefined;
      return secp256k1.ecdsaRecover(compact, recid, digest, true);
    } catch {
      return undefined;
    }
  },
};
