import { randomBytes } from "node:crypto";
import { z } from "zod";
import { InputError } from "../agent/input-error.js";
import type { NoteKey } from "../network/ports/note-keys.js";
import { parseJson } from "../text/json-text.js";
import { writeNewSecret } from "./files.js";
import { createNoteKey } from "./ports/note-keys.js";
import { readTextFile } from "./text-file.js";

/** A log's private key as a JWK of RFC 8037 §2: OKP, Ed25519. Other members are let be. */
const Jwk = z.object({
  kty: z.literal("OKP"),
  crv: z.literal("Ed25519"),
  x: z.base64url(),
  d: z.base64url(),
});

/** Makes the file of a new key that only its owner can read. Throws EEXIST where there is something of that name. */
export function writeNoteKeyFile(path: string): void {
  const seed = randomBytes(32);
  const x = Buffer.from(createNoteKey(seed).publicKey).toString("base64url");
  const jwk = { kty: "OKP", crv: "Ed25519", x, d: seed.toString("base64url") };
  writeNewSecret(path, `${JSON.stringify(jwk, null, 2)}\n`);
}

/** Throws InputError that says what is wrong, and shows nothing of the key. */
export function readNoteKeyFile(path: string): NoteKey {
  let json: unknown;
  try {
    json = parseJson(readTextFile(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== undefined) throw error;
  }
  const parsed = Jwk.safeParse(json);
  if (!parsed.success)
    throw new InputError(`${path} is not a log's key file: fieldmark witness init makes one`);
  const key = createNoteKey(Buffer.from(parsed.data.d, "base64url"));
  if (Buffer.from(key.publicKey).toString("base64url") !== parsed.data.x)
    throw new InputError(`${path}: x does not belong to d`);
  return key;
}
