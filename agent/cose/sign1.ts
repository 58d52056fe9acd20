import { TAG_SIGN1 } from "../cbor/major.js";
import { CborReader } from "../cbor/reader.js";
import { CborWriter } from "../cbor/writer.js";
import {
  ALG_ES256K,
  CLAIM_AUD,
  DIGEST_BYTES,
  HEADER_ALG,
  HEADER_CONTENT_TYPE,
  HEADER_CWT_CLAIMS,
  HEADER_KID,
  KID_BYTES,
  SIG_STRUCTURE_PREFIX,
  SIGNATURE_BYTES,
} from "../frame/layout.js";
import { InputError } from "../input-error.js";
import type { SignatureChecker, Signer } from "../ports/signer.js";

/**
 * Signed documents that are no frames: COSE_Sign1 (RFC 9052 §4.2), tagged, deterministic. The protected header is
 * `{1: -47, 3: content type, 4: kid}`, in some kinds with `15: {3: network}` (RFC 9597), the unprotected one empty; the content type is a text, and the external_aad of the signature
 * (§4.4) is that text in UTF-8. A frame's content type is a number, and its external_aad is empty: what is signed as one can never pass as
 * the other, nor one kind of document as another.
 */
export interface Sign1 {
  readonly kid: Uint8Array;
  /** CBOR, deterministic. A view of the document. */
  readonly payload: Uint8Array;
}

/** One that was read, and whose signature nobody has looked at. Views of the document. */
export interface UncheckedSign1 extends Sign1 {
  readonly protectedHeader: Uint8Array;
  readonly signature: Uint8Array;
}

/** Longest content type, kid and network together that are written. */
const HEADER_ROOM = 160;
const HEADS = 4 * 5;

/** `contentType`: ASCII, at most 64 characters. `network`: in the kinds whose header names it. */
export function writeSign1(
  contentType: string,
  kid: Uint8Array,
  payload: Uint8Array,
  signer: Signer,
  network?: string,
): Uint8Array {
  const protectedHeader = headerOf(contentType, kid, network);
  const digest = digestOf(contentType, protectedHeader, payload, signer);
  const signature = new Uint8Array(SIGNATURE_BYTES);
  signer.sign(digest, signature, 0);
  const room = HEADS + protectedHeader.length + payload.length + SIGNATURE_BYTES;
  const writer = new CborWriter(new Uint8Array(room));
  writer.tag(TAG_SIGN1);
  writer.array(4);
  writer.bytes(protectedHeader);
  writer.map(0);
  writer.bytes(payload);
  writer.bytes(signature);
  return writer.buffer.slice(0, writer.offset);
}

/** What each document of that content type begins with, up to its kid, which is of KID_BYTES. */
export function beginningOf(contentType: string): Uint8Array {
  const header = headerOf(contentType, new Uint8Array(KID_BYTES));
  const writer = new CborWriter(new Uint8Array(HEADS + header.length));
  writer.tag(TAG_SIGN1);
  writer.array(4);
  writer.bytes(header);
  return writer.buffer.slice(0, writer.offset - KID_BYTES);
}

function headerOf(contentType: string, kid: Uint8Array, network?: string): Uint8Array {
  const header = new CborWriter(new Uint8Array(HEADER_ROOM));
  header.map(network === undefined ? 3 : 4);
  header.int(HEADER_ALG);
  header.int(ALG_ES256K);
  header.int(HEADER_CONTENT_TYPE);
  header.text(contentType);
  header.int(HEADER_KID);
  header.bytes(kid);
  if (network !== undefined) {
    header.int(HEADER_CWT_CLAIMS);
    header.map(1);
    header.int(CLAIM_AUD);
    header.text(network);
  }
  return header.buffer.subarray(0, header.offset);
}

/**
 * Reads a document of that content type and checks its signature. `publicKey`: 33 or 65 bytes, SEC 1. Throws CborError for what is no
 * such document, InputError where the key has not signed it.
 */
export function readSign1(
  contentType: string,
  document: Uint8Array,
  publicKey: Uint8Array,
  checker: SignatureChecker,
): Sign1 {
  const found = parseSign1(contentType, document);
  if (!isSignedBy(contentType, found, publicKey, checker))
    throw new InputError("the signature is not this key's");
  return found;
}

/**
 * Reads a document of that content type, for whoever looks at what it says before its signature. `network`: that its header must
 * name, in the kinds that name one. Throws CborError for what is no such document.
 */
export function parseSign1(contentType: string, document: Uint8Array, network?: string): UncheckedSign1 {
  const reader = new CborReader(document);
  if (reader.tag() !== TAG_SIGN1) reader.fail("unexpected", "expected COSE_Sign1");
  if (reader.array() !== 4) reader.fail("unexpected", "COSE_Sign1 has four parts");
  const protectedHeader = reader.bytes();
  if (reader.map() !== 0) reader.fail("unexpected", "the unprotected header is empty");
  const payload = reader.bytes();
  const signature = reader.bytes();
  if (signature.length !== SIGNATURE_BYTES) reader.fail("unexpected", "a signature has 64 bytes");
  reader.finish();
  const kid = readHeader(contentType, protectedHeader, network);
  return { kid, payload, protectedHeader, signature };
}

/** Whether the key, 33 or 65 bytes (SEC 1), has signed it. */
export function isSignedBy(
  contentType: string,
  { protectedHeader, payload, signature }: UncheckedSign1,
  publicKey: Uint8Array,
  checker: SignatureChecker,
): boolean {
  return checker.verify(signature, digestOf(contentType, protectedHeader, payload, checker), publicKey);
}

/** The kid that a document of that content type names, nothing of it checked; undefined for what is no such document. */
export function signerOf(
  contentType: string,
  document: Uint8Array,
  network?: string,
): Uint8Array | undefined {
  try {
    const reader = new CborReader(document);
    if (reader.tag() !== TAG_SIGN1 || reader.array() !== 4) return undefined;
    return readHeader(contentType, reader.bytes(), network);
  } catch {
    return undefined;
  }
}

function readHeader(contentType: string, bytes: Uint8Array, network?: string): Uint8Array {
  const reader = new CborReader(bytes);
  const isHeader =
    reader.map() === (network === undefined ? 3 : 4) &&
    reader.int() === HEADER_ALG &&
    reader.int() === ALG_ES256K &&
    reader.int() === HEADER_CONTENT_TYPE &&
    reader.text() === contentType &&
    reader.int() === HEADER_KID;
  if (!isHeader) reader.fail("unexpected", `expected the header of ${contentType}`);
  const kid = reader.bytes();
  if (kid.length !== KID_BYTES) reader.fail("unexpected", `a kid has ${KID_BYTES} bytes`);
  if (network !== undefined) {
    const isNamed =
      reader.int() === HEADER_CWT_CLAIMS &&
      reader.map() === 1 &&
      reader.int() === CLAIM_AUD &&
      reader.text() === network;
    if (!isNamed) reader.fail("unexpected", `it is not for the network ${network}`);
  }
  reader.finish();
  return kid;
}

/** SHA-256 of the Sig_structure. */
function digestOf(
  contentType: string,
  protectedHeader: Uint8Array,
  payload: Uint8Array,
  hasher: Pick<Signer, "sha256">,
): Uint8Array {
  const aad = new Uint8Array(contentType.length);
  for (let i = 0; i < aad.length; i++) aad[i] = contentType.charCodeAt(i);
  const prefix = SIG_STRUCTURE_PREFIX.length;
  const room = prefix + HEADS + protectedHeader.length + aad.length + payload.length;
  const writer = new CborWriter(new Uint8Array(room), prefix);
  writer.buffer.set(SIG_STRUCTURE_PREFIX, 0);
  writer.bytes(protectedHeader);
  writer.bytes(aad);
  writer.bytes(payload);
  const digest = new Uint8Array(DIGEST_BYTES);
  hasher.sha256(writer.buffer.subarray(0, writer.offset), digest, 0);
  return digest;
}
