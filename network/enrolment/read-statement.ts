import { CborError } from "../../agent/cbor/error.js";
import { CborReader } from "../../agent/cbor/reader.js";
import { isSameBytes, kidOfKey } from "../../agent/cose/kid.js";
import { readSign1 } from "../../agent/cose/sign1.js";
import {
  CONFIGURATION_BYTES,
  DIGEST_BYTES,
  MAX_UNIX_SECONDS,
  MIN_UNIX_SECONDS,
} from "../../agent/frame/layout.js";
import { isNetworkName } from "../../agent/frame/name.js";
import { InputError } from "../../agent/input-error.js";
import type { SignatureChecker } from "../../agent/ports/signer.js";
import { issueText } from "../../text/zod-issue.js";
import { digestOf, hexText } from "../bytes.js";
import { Position } from "../verify/position.js";
import { type EnrolledSensor, Sensors } from "../verify/registry.js";
import { readNumber } from "./decimal.js";
import {
  ACCEPTANCE_TYPE,
  KEY_BYTES,
  MAX_CONFIGURATIONS,
  MAX_PLACE_TEXT,
  MAX_SENSORS,
  MAX_STATEMENT_BYTES,
  type Place,
  REGISTRY_TYPE,
  type RegistryStatement,
} from "./statement.js";

/** A statement before anybody has looked at its signatures. */
export interface StatementClaim {
  readonly statement: RegistryStatement;
  /** SHA-256 of what is signed, in hex: the statement's name, however often it is signed. */
  readonly id: string;
  /** The owner's COSE_Sign1. A view of the document, or all of it. */
  readonly signed: Uint8Array;
  /** Whether the new owner's acceptance stands around it. */
  readonly isAccepted: boolean;
}

/**
 * Reads what an owner says; no signature is checked yet. What is returned refers to the document.
 * Throws CborError or InputError for what is no such statement.
 */
export function readStatementClaim(document: Uint8Array, checker: SignatureChecker): StatementClaim {
  if (document.length > MAX_STATEMENT_BYTES)
    throw new InputError(`it has more than ${MAX_STATEMENT_BYTES} bytes`);
  const payload = payloadOf(document);
  const isAccepted = isDocument(payload);
  const signed = isAccepted ? payload : document;
  const said = isAccepted ? payloadOf(signed) : payload;
  const statement = readStatementPayload(said);
  return { statement, id: hexText(digestOf(said, checker)), signed, isAccepted };
}

/**
 * Checks the owner's signature and, where it is there, the new owner's. Throws InputError or
 * CborError. Who may say it the book knows (book.ts).
 */
export function checkSignatures(
  document: Uint8Array,
  { statement, signed, isAccepted }: StatementClaim,
  checker: SignatureChecker,
): void {
  checkSigner(REGISTRY_TYPE, signed, statement.owner, checker);
  if (!isAccepted) return;
  if (statement.kind !== "move" || statement.newOwner.length === 0)
    throw new InputError("only a move to another owner is accepted by one");
  checkSigner(ACCEPTANCE_TYPE, document, statement.newOwner, checker);
}

function checkSigner(type: string, document: Uint8Array, key: Uint8Array, checker: SignatureChecker) {
  const { kid } = readSign1(type, document, key, checker);
  if (!isSameBytes(kid, kidOfKey(key, checker))) throw new InputError("kid: is not this key's");
}

/** The third part of a COSE_Sign1, whatever the others are: the keys stand in what they sign. */
function payloadOf(document: Uint8Array): Uint8Array {
  const reader = new CborReader(document);
  reader.tag();
  reader.array();
  reader.bytes();
  reader.map();
  return reader.bytes();
}

/** An owner's statement begins with an array, a signed document with a tag: major type 6. */
const isDocument = (payload: Uint8Array) => (payload[0] ?? 0) >> 5 === 6;

/** What is signed, with all that it says checked by itself. Throws CborError or InputError. */
export function readStatementPayload(payload: Uint8Array): RegistryStatement {
  const reader = new CborReader(payload);
  const parts = reader.array();
  const network = reader.text();
  if (!isNetworkName(network)) reader.fail("unexpected", "not a network name");
  const kind = reader.text();
  const device = bytesOf(reader, KEY_BYTES, "a device's key");
  const owner = bytesOf(reader, KEY_BYTES, "an owner's key");
  const previous = bytesOf(reader, DIGEST_BYTES, "an id", kind === "enrol");
  const date = reader.uint();
  if (date < MIN_UNIX_SECONDS || date > MAX_UNIX_SECONDS) reader.fail("unexpected", "not a date");
  const said = { network, device, owner, previous, date };
  const statement = readBody(reader, kind, parts, said);
  reader.finish();
  return statement;
}

type Said = Omit<Extract<RegistryStatement, { kind: "end" }>, "kind">;

function readBody(reader: CborReader, kind: string, parts: number, said: Said): RegistryStatement {
  if (kind === "end" && parts === 6) return { ...said, kind };
  if (kind === "move" && parts === 8)
    return { ...said, kind, place: readPlace(reader), newOwner: bytesOf(reader, KEY_BYTES, "a key", true) };
  if (kind === "enrol" && parts === 10)
    return {
      ...said,
      kind,
      place: readPlace(reader),
      proof: reader.bytes(),
      sensors: readSensors(reader),
      configurations: readConfigurations(reader),
    };
  throw new InputError(`there is no such statement of ${parts} parts`);
}

function bytesOf(reader: CborReader, length: number, what: string, mayBeEmpty = false): Uint8Array {
  const bytes = reader.bytes();
  if (bytes.length !== length && !(mayBeEmpty && bytes.length === 0))
    reader.fail("unexpected", `${what} has ${length} bytes`);
  return bytes;
}

function readPlace(reader: CborReader): Place {
  const parts = reader.array();
  const site = placeText(reader);
  const name = placeText(reader);
  if (site === "") throw new InputError("a device is at a site: its name is empty");
  if (parts !== 2 && parts !== 4 && parts !== 5) throw new InputError("a place has two, four or five parts");
  const place = name === "" ? { site } : { site, name };
  if (parts === 2) return place;
  const [lat, lon] = [readNumber(reader), readNumber(reader)];
  const position = { lat, lon, ...(parts === 5 && { alt: readNumber(reader) }) };
  if (!Position.safeParse(position).success) throw new InputError("there is no such position");
  return { ...place, position };
}

function placeText(reader: CborReader): string {
  const text = reader.text();
  if (text.length > MAX_PLACE_TEXT || /\p{Cc}/u.test(text))
    reader.fail("unexpected", `a name has at most ${MAX_PLACE_TEXT} characters, none of them a control`);
  return text;
}

function readSensors(reader: CborReader): readonly EnrolledSensor[] {
  const count = limited(reader.array(), MAX_SENSORS, "sensors");
  const given = Array.from({ length: count }, () => {
    if (reader.array() !== 5) reader.fail("unexpected", "a sensor has five parts");
    const [name, unit] = [reader.text(), reader.text()];
    const [min, max, cadence] = [readNumber(reader), readNumber(reader), readNumber(reader)];
    return { name, unit, min, max, cadence };
  });
  const parsed = Sensors.safeParse(given);
  if (!parsed.success) throw new InputError(`sensors: ${issueText(parsed.error)}`);
  return parsed.data;
}

/** In rising order, so that a set of them has one encoding. */
function readConfigurations(reader: CborReader): readonly string[] {
  const count = limited(reader.array(), MAX_CONFIGURATIONS, "configurations");
  const configurations: string[] = [];
  for (let left = count; left > 0; left--) {
    const next = hexText(bytesOf(reader, CONFIGURATION_BYTES, "a configuration"));
    const last = configurations[configurations.length - 1] ?? "";
    if (next <= last) reader.fail("unexpected", "configurations in rising order");
    configurations.push(next);
  }
  return configurations;
}

function limited(count: number, most: number, what: string): number {
  if (count < 1 || count > most) throw new InputError(`1 to ${most} ${what}, not ${count}`);
  return count;
}

/** Whether it says what is wrong with what was given; anything else is a fault of the program. */
export const isRefusal = (error: unknown): error is Error =>
  error instanceof CborError || error instanceof InputError;
