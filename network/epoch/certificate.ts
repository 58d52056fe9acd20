import type { StatementChecker } from "../ports/statement-keys.js";
import { type Electorate, isSaid, type Say, type SignedSay } from "./say.js";

/** Statements of a quorum about one thing. */
export interface Certificate extends Say {
  /** In the order of the witnesses, each once. */
  readonly signatures: readonly (readonly [witness: number, signature: Uint8Array])[];
}

/** What each witness in it said. */
export const saysOf = ({ slot, kind, record, signatures }: Certificate): SignedSay[] =>
  signatures.map(([witness, signature]) => ({ slot, kind, record, witness, signature }));

/** Whether it proves what it says. Never throws. */
export function isCertified(
  certificate: Certificate,
  electorate: Electorate,
  checker: StatementChecker,
): boolean {
  const { signatures } = certificate;
  if (signatures.length < electorate.quorum || signatures.length > electorate.keys.length) return false;
  let last = -1;
  for (const [witness] of signatures) {
    if (witness <= last) return false;
    last = witness;
  }
  return saysOf(certificate).every((say) => isSaid(say, electorate, checker));
}

/** Of statements about one thing, by different witnesses. */
export function certificateOf(says: readonly SignedSay[]): Certificate {
  const [{ slot, kind, record }] = says as [SignedSay];
  const sorted = [...says].sort((a, b) => a.witness - b.witness);
  return {
    slot,
    kind,
    record,
    signatures: sorted.map(({ witness, signature }) => [witness, signature] as const),
  };
}
