import { CborReader } from "../cbor/reader.js";
import { hex, isSameBytes, kidOfKey } from "../cose/kid.js";
import { readSign1 } from "../cose/sign1.js";
import { keyOfDid } from "../frame/identity.js";
import { CONFIGURATION_BYTES, KID_BYTES } from "../frame/layout.js";
import { InputError } from "../input-error.js";
import type { SignatureChecker } from "../ports/signer.js";
import type { BoardIdentity, MeasuredQuantity } from "./host.js";
import { OWNERSHIP_BYTES } from "./owner.js";
import { type OwnerSession, STATEMENT_TYPE } from "./statement.js";

/** What a statement says, all of it under the signature of the key that `did` names. */
export interface Statement extends Omit<BoardIdentity, "device">, OwnerSession {
  readonly publicKey: Uint8Array;
  readonly challenge: Uint8Array;
}

/**
 * Reads a board's statement and checks its signature and kid. That it is fresh only the caller can say, who made the challenge. Throws
 * CborError or InputError for what is none.
 *
 * The key stands in what it signs, so the payload is read first; nothing of it is returned unless the signature is good.
 */
export function readStatement(document: Uint8Array, checker: SignatureChecker): Statement {
  const outer = new CborReader(document);
  outer.tag();
  outer.array();
  outer.bytes();
  outer.map();
  const found = readPayload(outer.bytes());
  const publicKey = keyOfDid(found.did);
  const { kid } = readSign1(STATEMENT_TYPE, document, publicKey, checker);
  if (!isSameBytes(kid, kidOfKey(publicKey, checker))) throw new InputError("kid: is not this key's");
  return { ...found, kid, publicKey };
}

function readPayload(payload: Uint8Array): Omit<Statement, "kid" | "publicKey"> {
  const reader = new CborReader(payload);
  if (reader.map() !== 12) reader.fail("unexpected", "a statement has twelve parts");
  const did = textOf(reader, "did");
  const chip = textOf(reader, "chip");
  const model = textOf(reader, "model");
  const owner = bytesOf(reader, "owner", KID_BYTES, true);
  const network = textOf(reader, "network");
  key(reader, "sensors");
  const quantities: MeasuredQuantity[] = [];
  for (let left = reader.array(); left > 0; left--) {
    if (reader.map() !== 3) reader.fail("unexpected", "a sensor has three parts");
    const name = textOf(reader, "name");
    const unit = textOf(reader, "unit");
    key(reader, "interval");
    quantities.push({ name, unit, interval: reader.uint() });
  }
  const session = bytesOf(reader, "session", OWNERSHIP_BYTES);
  const version = textOf(reader, "version");
  const firmware = textOf(reader, "firmware");
  key(reader, "challenge");
  const challenge = reader.bytes();
  const ownership = bytesOf(reader, "ownership", OWNERSHIP_BYTES, true);
  const configuration = hex(bytesOf(reader, "configuration", CONFIGURATION_BYTES));
  reader.finish();
  const standing = { owner, ownership, session };
  return { did, chip, model, network, quantities, version, firmware, challenge, configuration, ...standing };
}

function bytesOf(reader: CborReader, name: string, length: number, mayBeEmpty = false): Uint8Array {
  key(reader, name);
  const bytes = reader.bytes();
  if (bytes.length !== length && !(mayBeEmpty && bytes.length === 0))
    reader.fail("unexpected", `${name} has ${length} bytes`);
  return bytes;
}

function textOf(reader: CborReader, name: string): string {
  key(reader, name);
  return reader.text();
}

function key(reader: CborReader, name: string): void {
  if (reader.text() !== name) reader.fail("unexpected", `expected "${name}"`);
}
