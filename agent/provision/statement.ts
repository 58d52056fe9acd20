import { CborWriter } from "../cbor/writer.js";
import { unhex } from "../cose/kid.js";
import { writeSign1 } from "../cose/sign1.js";
import { CONFIGURATION_BYTES } from "../frame/layout.js";
import { InputError } from "../input-error.js";
import type { Signer } from "../ports/signer.js";
import type { BoardIdentity } from "./host.js";
import { OWNERSHIP_BYTES } from "./owner.js";

/** What a board says of itself, signed by its key: docs/provisioning.md. */
export const STATEMENT_TYPE = "application/vnd.fieldmark.statement+cbor";
export const MIN_CHALLENGE_BYTES = 16;
export const MAX_CHALLENGE_BYTES = 64;

/** All of a statement but its texts and quantities, at its longest. */
const OVERHEAD = 224 + CONFIGURATION_BYTES + 3 * OWNERSHIP_BYTES + MAX_CHALLENGE_BYTES;
/** A quantity but its name and unit. */
const QUANTITY_OVERHEAD = 1 + 5 + 2 + 5 + 2 + 9 + 9;

/** Whose a board is, and who may speak for its owner on this wire. */
export interface OwnerSession {
  /** Kid of the owner's key, and the ownership (owner.ts); empty where there is no owner. */
  readonly owner: Uint8Array;
  readonly ownership: Uint8Array;
  /** OWNERSHIP_BYTES random bytes: what the owner signs for this wire, while it is open, names them. */
  readonly session: Uint8Array;
}

/**
 * A statement over `challenge`, MIN_CHALLENGE_BYTES to MAX_CHALLENGE_BYTES bytes that whoever asks has just made. Throws InputError for
 * another length.
 */
export function writeStatement(
  identity: BoardIdentity,
  { owner, ownership, session }: OwnerSession,
  challenge: Uint8Array,
  signer: Signer,
): Uint8Array {
  const { did, chip, model, network, quantities, version, firmware, configuration } = identity;
  if (challenge.length < MIN_CHALLENGE_BYTES || challenge.length > MAX_CHALLENGE_BYTES)
    throw new InputError(`challenge: has ${MIN_CHALLENGE_BYTES} to ${MAX_CHALLENGE_BYTES} bytes`);
  let room = OVERHEAD + 3 * (did.length + chip.length + model.length + version.length + firmware.length);
  room += network.length;
  for (const { name, unit } of quantities) room += QUANTITY_OVERHEAD + name.length + unit.length;
  const writer = new CborWriter(new Uint8Array(room));
  // Keys in the order of RFC 8949 §4.2.1: the shorter first.
  writer.map(12);
  pair(writer, "did", did);
  pair(writer, "chip", chip);
  pair(writer, "model", model);
  bytes(writer, "owner", owner);
  pair(writer, "network", network);
  writer.text("sensors");
  writer.array(quantities.length);
  for (const { name, unit, interval } of quantities) {
    writer.map(3);
    pair(writer, "name", name);
    pair(writer, "unit", unit);
    writer.text("interval");
    writer.int(interval);
  }
  bytes(writer, "session", session);
  pair(writer, "version", version);
  pair(writer, "firmware", firmware);
  bytes(writer, "challenge", challenge);
  bytes(writer, "ownership", ownership);
  bytes(writer, "configuration", unhex(configuration));
  return writeSign1(STATEMENT_TYPE, identity.kid, writer.buffer.subarray(0, writer.offset), signer);
}

function pair(writer: CborWriter, key: string, value: string): void {
  writer.text(key);
  writer.text(value);
}

function bytes(writer: CborWriter, key: string, value: Uint8Array): void {
  writer.text(key);
  writer.bytes(value);
}
