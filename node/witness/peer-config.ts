import { z } from "zod";
import { InputError } from "../../agent/input-error.js";
import {
  COSIGNATURE,
  createVerifierKey,
  ED25519,
  readVerifierKey,
  type VerifierKey,
  verifierKeyText,
} from "../../network/log/note-key.js";
import { quoted } from "../../text/visible.js";
import { readNoteKeyFile } from "../note-key-file.js";
import { hasher } from "../ports/signer.js";
import type { WitnessConfig } from "./config.js";

/** A note has at most 100 signatures; C2SP asks logs to get along with 16. */
export const MAX_PEERS = 32;

/** As it stands in witness.toml. */
export const PeerEntry = z.strictObject({
  url: z.string(),
  key: z.string(),
  cosigner_key: z.string().optional(),
});

/** Another witness. */
export interface PeerConfig {
  /** Of its HTTP, without a slash at the end. */
  readonly url: string;
  /** Of its log. */
  readonly key: VerifierKey;
  /** Of its cosigner. Left out: it is not asked to cosign. */
  readonly cosignerKey: VerifierKey | undefined;
}

/** Reads them. `own`: the witness's name. Throws InputError that begins with `where`. */
export function peersOf(
  entries: readonly z.infer<typeof PeerEntry>[],
  own: string,
  where: string,
): PeerConfig[] {
  const peers = entries.map(
    ({ url, key, cosigner_key: cosigner }): PeerConfig => ({
      url: peerUrl(url, where),
      key: keyOf(key, ED25519, `${where}: key`),
      cosignerKey:
        cosigner === undefined ? undefined : keyOf(cosigner, COSIGNATURE, `${where}: cosigner_key`),
    }),
  );
  const names = new Set([own]);
  for (const { key } of peers) {
    if (names.has(key.name))
      throw new InputError(`${where}: ${quoted(key.name)} is there twice, or is this witness itself`);
    names.add(key.name);
  }
  return peers;
}

/** Throws InputError for what is no address of a witness's HTTP. */
export function peerUrl(text: string, where: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url !== undefined && url.username + url.password + url.search + url.hash === "";
  if (!isPlain || !/^https?:$/.test(url.protocol))
    throw new InputError(`${where}: url: take one like https://witness.example.org`);
  return url.href.replace(/\/+$/, "");
}

/** A verifier key of one type. Throws InputError that begins with `where`. */
export function keyOf(text: string, type: VerifierKey["type"], where: string): VerifierKey {
  let key: VerifierKey;
  try {
    key = readVerifierKey(hasher, text);
  } catch (error) {
    throw new InputError(`${where}: ${(error as Error).message}`);
  }
  if (key.type !== type)
    throw new InputError(
      `${where}: this is the key of a ${type === ED25519 ? "cosigner, not of a log" : "log, not of a cosigner"}`,
    );
  return key;
}

/** What others write into their `peers` to have this witness there. `url`: where they reach its HTTP. */
export function peerLine(
  { name, logKeyFile, cosignerKeyFile }: Pick<WitnessConfig, "name" | "logKeyFile" | "cosignerKeyFile">,
  url: string,
): string {
  const text = (file: string, type: VerifierKey["type"]) =>
    JSON.stringify(verifierKeyText(createVerifierKey(hasher, name, type, readNoteKeyFile(file).publicKey)));
  const keys = `key = ${text(logKeyFile, ED25519)}, cosigner_key = ${text(cosignerKeyFile, COSIGNATURE)}`;
  return `{ url = ${JSON.stringify(url)}, ${keys} },`;
}
