import { utf8Length } from "../../agent/cbor/utf8.js";
import { CborWriter } from "../../agent/cbor/writer.js";
import { kidOfKey, unhex } from "../../agent/cose/kid.js";
import { writeSign1 } from "../../agent/cose/sign1.js";
import { InputError } from "../../agent/input-error.js";
import type { Signer } from "../../agent/ports/signer.js";
import { writeNumber } from "./decimal.js";
import { readStatementPayload } from "./read-statement.js";
import {
  ACCEPTANCE_TYPE,
  type EnrolStatement,
  MAX_STATEMENT_BYTES,
  type Place,
  REGISTRY_TYPE,
  type RegistryStatement,
} from "./statement.js";

/** A number at its longest, and all of a statement that has a fixed length. */
const NUMBER = 12;
const OVERHEAD = 320;

type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
/** A statement whose owner is whoever signs it. */
export type Unsigned = Without<RegistryStatement, "owner">;

/** Signs a statement. Throws InputError for what no reader would take. */
export function writeRegistryStatement(unsigned: Unsigned, owner: Signer): Uint8Array {
  const given: RegistryStatement = { ...unsigned, owner: owner.publicKey };
  const writer = new CborWriter(new Uint8Array(roomOf(given)));
  writer.array(given.kind === "end" ? 6 : given.kind === "move" ? 8 : 10);
  writer.text(given.network);
  writer.text(given.kind);
  writer.bytes(given.device);
  writer.bytes(given.owner);
  writer.bytes(given.previous);
  writer.int(given.date);
  if (given.kind !== "end") writePlace(writer, given.place);
  if (given.kind === "move") writer.bytes(given.newOwner);
  if (given.kind === "enrol") writeEnrolled(writer, given);
  const payload = writer.buffer.subarray(0, writer.offset);
  check(payload);
  return limited(writeSign1(REGISTRY_TYPE, kidOfKey(owner.publicKey, owner), payload, owner));
}

/** The new owner's word that a move is accepted. Throws InputError. */
export function acceptMove(move: Uint8Array, owner: Signer): Uint8Array {
  return limited(writeSign1(ACCEPTANCE_TYPE, kidOfKey(owner.publicKey, owner), move, owner));
}

function writePlace(writer: CborWriter, { site, name = "", position }: Place): void {
  const numbers = position === undefined ? [] : [position.lat, position.lon];
  if (position?.alt !== undefined) numbers.push(position.alt);
  writer.array(2 + numbers.length);
  writer.text(site);
  writer.text(name);
  for (const number of numbers) writeNumber(writer, number, "position");
}

function writeEnrolled(writer: CborWriter, { proof, sensors, configurations }: EnrolStatement): void {
  writer.bytes(proof);
  writer.array(sensors.length);
  for (const { name, unit, min, max, cadence } of sensors) {
    writer.array(5);
    writer.text(name);
    writer.text(unit);
    writeNumber(writer, min, `${name}: min`);
    writeNumber(writer, max, `${name}: max`);
    writeNumber(writer, cadence, `${name}: cadence`);
  }
  writer.array(configurations.length);
  for (const configuration of configurations) writer.bytes(unhex(configuration));
}

function roomOf(given: RegistryStatement): number {
  const texts = [given.network];
  let room = OVERHEAD;
  if (given.kind !== "end") {
    texts.push(given.place.site, given.place.name ?? "");
    room += 3 * NUMBER;
  }
  if (given.kind === "enrol") {
    room += given.proof.length + 9 * given.configurations.length;
    for (const { name, unit } of given.sensors) {
      texts.push(name, unit);
      room += 3 * NUMBER + 7;
    }
  }
  return texts.reduce((sum, text) => sum + utf8Length(text), room);
}

/** What is written can be read. */
function check(payload: Uint8Array): void {
  try {
    readStatementPayload(payload);
  } catch (error) {
    throw new InputError((error as Error).message);
  }
}

function limited(document: Uint8Array): Uint8Array {
  if (document.length <= MAX_STATEMENT_BYTES) return document;
  throw new InputError(`a statement of ${document.length} bytes: at most ${MAX_STATEMENT_BYTES}`);
}
