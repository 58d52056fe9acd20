import { CborReader } from "../../agent/cbor/reader.js";
import { isRefusal } from "./read-statement.js";

/** Suffix of files of owners' statements: CBOR sequences (RFC 8742). */
export const ENROLMENT_SUFFIX = ".enrolment";

/**
 * The COSE_Sign1 documents of a CBOR sequence, as views. `end`: where what is none begins; the
 * length, where all are. Nothing is checked but where each ends. Never throws.
 */
export function splitDocuments(bytes: Uint8Array): { documents: Uint8Array[]; end: number } {
  const documents: Uint8Array[] = [];
  const reader = new CborReader(bytes);
  for (;;) {
    const start = reader.offset;
    if (reader.atEnd || !skipDocument(reader)) return { documents, end: start };
    documents.push(bytes.subarray(start, reader.offset));
  }
}

function skipDocument(reader: CborReader): boolean {
  try {
    reader.tag();
    if (reader.array() !== 4) return false;
    reader.bytes();
    if (reader.map() !== 0) return false;
    reader.bytes();
    reader.bytes();
    return true;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return false;
  }
}
