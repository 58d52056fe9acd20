import { z } from "zod";
import { InputError } from "../agent/input-error.js";
import { parseJson } from "../text/json-text.js";
import { writeNewSecret } from "./files.js";
import { isPrivateKey } from "./ports/signer.js";
import { publicKeyOf } from "./secp256k1.js";
import { readTextFile } from "./text-file.js";

/** A private key as a JWK (RFC 7517) of RFC 8812 §3.1: EC, secp256k1. Other members are let be. */
const Jwk = z.object({
  kty: z.literal("EC"),
  crv: z.literal("secp256k1"),
  x: z.base64url(),
  y: z.base64url(),
  d: z.base64url(),
});

/** Makes a key file that only its owner can read. Throws EEXIST where there is something of that name. */
export function writeKeyFile(path: string, privateKey: Uint8Array): void {
  const point = Buffer.from(publicKeyOf(privateKey, false));
  const jwk = {
    kty: "EC",
    crv: "secp256k1",
    x: point.subarray(1, 33).toString("base64url"),
    y: point.subarray(33).toString("base64url"),
    d: Buffer.from(privateKey).toString("base64url"),
  };
  writeNewSecret(path, `${JSON.stringify(jwk, null, 2)}\n`);
}

/** The private key in a key file. Throws InputError that says what is wrong, and shows nothing of the key. */
export function readKeyFile(path: string): Uint8Array {
  const parsed = Jwk.safeParse(readJson(path));
  if (!parsed.success) throw new InputError(`${path} is not a key file: fieldmark keygen makes one`);
  const { x, y, d } = parsed.data;
  const privateKey = new Uint8Array(Buffer.from(d, "base64url"));
  if (!isPrivateKey(privateKey)) throw new InputError(`${path}: d is not a secp256k1 private key`);
  const point = Buffer.concat([Buffer.of(4), Buffer.from(x, "base64url"), Buffer.from(y, "base64url")]);
  if (!point.equals(publicKeyOf(privateKey, false)))
    throw new InputError(`${path}: x and y do not belong to d`);
  return privateKey;
}

function readJson(path: string): unknown {
  const text = readTextFile(path);
  try {
    return parseJson(text);
  } catch (error) {
    throw new InputError(
      `${path} is not a key file: fieldmark keygen makes one (${(error as Error).message})`,
    );
  }
}
