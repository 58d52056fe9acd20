import { sha256 } from "@noble/hashes/sha2.js";
import { CborReader } from "../../agent/cbor/reader.js";
import { CborWriter } from "../../agent/cbor/writer.js";
import { kidOfKey } from "../../agent/cose/kid.js";
import { readSign1, writeSign1 } from "../../agent/cose/sign1.js";
import { didOfKey, keyOfDid } from "../../agent/frame/identity.js";
import { InputError } from "../../agent/input-error.js";
import type { SignatureChecker, Signer } from "../../agent/ports/signer.js";

/**
 * A signature over a manifest: COSE_Sign1 as agent/cose/sign1.ts has it, of this content type,
 * whose payload is the CBOR array `[did, digest]`: the signer, and SHA-256 of the manifest's bytes.
 */
const TYPE = "application/vnd.fieldmark.bundle+cbor";

export function signManifest(manifest: Uint8Array, signer: Signer): Uint8Array {
  const writer = new CborWriter(new Uint8Array(256));
  writer.array(2);
  writer.text(didOfKey(signer.publicKey));
  writer.bytes(sha256(manifest));
  const payload = writer.buffer.subarray(0, writer.offset);
  return writeSign1(TYPE, kidOfKey(signer.publicKey, signer), payload, signer);
}

/** The did:key of who signed the manifest. Throws InputError or CborError where nobody did. */
export function signerOf(manifest: Uint8Array, signature: Uint8Array, checker: SignatureChecker): string {
  const outer = new CborReader(signature);
  outer.tag();
  outer.array();
  outer.bytes();
  outer.map();
  const inner = new CborReader(outer.bytes());
  if (inner.array() !== 2) inner.fail("unexpected", "expected signer and digest");
  const did = inner.text();
  const digest = inner.bytes();
  inner.finish();
  readSign1(TYPE, signature, keyOfDid(did), checker);
  const own = sha256(manifest);
  if (digest.length !== own.length || !own.every((byte, i) => byte === digest[i]))
    throw new InputError("it is the signature of another manifest");
  return did;
}
