import { z } from "zod";
import { InputError } from "../../agent/input-error.js";
import type { Hasher } from "../../agent/ports/signer.js";
import { issueText } from "../../text/zod-issue.js";
import type { ForkEvidence } from "./fork.js";
import { MAX_NOTE_BYTES } from "./note.js";
import { ED25519, readVerifierKey, type VerifierKey, verifierKeyText } from "./note-key.js";
import { MAX_PROOF_HASHES } from "./proof-check.js";
import { base64Of, readBase64, readText, utf8Of } from "./text.js";

const TYPE = "fieldmark log fork 1";

const Note = z.string().max(MAX_NOTE_BYTES).transform(utf8Of);
const Hash = z
  .base64()
  .max(44)
  .transform((text) => readBase64(text) ?? new Uint8Array(0));

/** Evidence of a fork as JSON: docs/network.md has the members. */
const File = z.strictObject({
  type: z.literal(TYPE),
  key: z.string().max(1000),
  older: Note,
  newer: Note,
  hashes: z.array(Hash).max(MAX_PROOF_HASHES + 1),
});

/** The text of a file of evidence. `key`: the forked log's. */
export function writeForkFile({ older, newer, hashes }: ForkEvidence, key: VerifierKey): string {
  const file = {
    type: TYPE,
    key: verifierKeyText(key),
    older: readText(older),
    newer: readText(newer),
    hashes: hashes.map(base64Of),
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}

/**
 * The reverse, of parsed JSON. Throws InputError, which begins with `source`, where it is none. Whether
 * it is a fork, only `isFork` says.
 */
export function readForkFile(
  json: unknown,
  hasher: Hasher,
  source: string,
): { readonly evidence: ForkEvidence; readonly key: VerifierKey } {
  const wrong = (why: string) => new InputError(`${source}: no evidence of a fork: ${why}`);
  const parsed = File.safeParse(json);
  if (!parsed.success) throw wrong(issueText(parsed.error));
  const { older, newer, hashes } = parsed.data;
  let key: VerifierKey;
  try {
    key = readVerifierKey(hasher, parsed.data.key);
  } catch (error) {
    throw wrong((error as Error).message);
  }
  if (key.type !== ED25519) throw wrong("its key is no log's");
  return { evidence: { older, newer, hashes }, key };
}
