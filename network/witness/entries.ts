import { CborError } from "../../agent/cbor/error.js";
import { CborReader } from "../../agent/cbor/reader.js";
import { CborWriter } from "../../agent/cbor/writer.js";
import { STATEMENT_SIGNATURE_BYTES } from "../ports/statement-keys.js";

/**
 * Entries of a witness's log, each a CBOR array that begins with its kind:
 *
 *   ["witness", network, name, log key, signature]      the first: whose log it is
 *   ["inventory", epoch, body, signature]               body: network/inventory/body.ts
 *   ["enrolment", statement]                            an owner's, as it was signed
 *
 * Signatures are statements' (network/statement/statements.ts).
 */
export type Entry =
  | {
      readonly kind: "witness";
      readonly network: string;
      readonly name: string;
      /** Ed25519, 32 bytes. */
      readonly logKey: Uint8Array;
      readonly signature: Uint8Array;
    }
  | {
      readonly kind: "inventory";
      readonly epoch: number;
      readonly body: Uint8Array;
      readonly signature: Uint8Array;
    }
  | { readonly kind: "enrolment"; readonly statement: Uint8Array };

/** The longest that an entry can be: tlog-tiles has two bytes for its length. */
const MOST = 65_535;
/** Of an Ed25519 key. */
const KEY_BYTES = 32;

export function writeEntry(entry: Entry): Uint8Array {
  const writer = new CborWriter(new Uint8Array(MOST));
  const parts = partsOf(entry);
  writer.array(1 + parts.length);
  writer.text(entry.kind);
  for (const part of parts)
    if (typeof part === "string") writer.text(part);
    else if (typeof part === "number") writer.int(part);
    else writer.bytes(part);
  return writer.buffer.slice(0, writer.offset);
}

function partsOf(entry: Entry): (string | number | Uint8Array)[] {
  switch (entry.kind) {
    case "witness":
      return [entry.network, entry.name, entry.logKey, entry.signature];
    case "inventory":
      return [entry.epoch, entry.body, entry.signature];
    case "enrolment":
      return [entry.statement];
  }
}

/** Undefined for what is no entry of a known kind, in its one encoding. */
export function readEntry(bytes: Uint8Array): Entry | undefined {
  try {
    const reader = new CborReader(bytes);
    const parts = reader.array();
    const kind = reader.text();
    let entry: Entry | undefined;
    if (kind === "witness" && parts === 5)
      entry = {
        kind,
        network: reader.text(),
        name: reader.text(),
        logKey: bytesOf(reader, KEY_BYTES),
        signature: bytesOf(reader, STATEMENT_SIGNATURE_BYTES),
      };
    else if (kind === "inventory" && parts === 4)
      entry = {
        kind,
        epoch: reader.uint(),
        body: reader.bytes(),
        signature: bytesOf(reader, STATEMENT_SIGNATURE_BYTES),
      };
    else if (kind === "enrolment" && parts === 2) entry = { kind, statement: reader.bytes() };
    if (entry !== undefined) reader.finish();
    return entry;
  } catch (error) {
    if (error instanceof CborError) return undefined;
    throw error;
  }
}

function bytesOf(reader: CborReader, count: number): Uint8Array {
  const { offset } = reader;
  const bytes = reader.bytes();
  if (bytes.length !== count) throw new CborError("unexpected", offset, `not ${count} bytes`);
  return bytes;
}
