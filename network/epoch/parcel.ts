import { CborError } from "../../agent/cbor/error.js";
import { CborReader } from "../../agent/cbor/reader.js";
import { CborWriter } from "../../agent/cbor/writer.js";
import { MAX_MESSAGE_BYTES, MOST_MESSAGES } from "../ports/exchange.js";

/** Bytes around each message, and around all. */
const AROUND = 5;

/** Of a parcel at most: as long as one message may be. */
export const MAX_PARCEL_BYTES = MAX_MESSAGE_BYTES + 2 * AROUND;

/** Messages that go together: a CBOR array of byte strings. */
export function writeParcel(messages: readonly Uint8Array[]): Uint8Array {
  const bytes = messages.reduce((sum, { length }) => sum + length + AROUND, AROUND);
  const writer = new CborWriter(new Uint8Array(bytes));
  writer.array(messages.length);
  for (const message of messages) writer.bytes(message);
  return writer.buffer.slice(0, writer.offset);
}

/** Undefined for what is no parcel in its one encoding, or has more than MOST_MESSAGES. */
export function readParcel(bytes: Uint8Array): Uint8Array[] | undefined {
  try {
    const reader = new CborReader(bytes);
    const count = reader.array();
    if (count > MOST_MESSAGES) return undefined;
    const messages = Array.from({ length: count }, () => reader.bytes());
    reader.finish();
    return messages;
  } catch (error) {
    if (error instanceof CborError) return undefined;
    throw error;
  }
}

/** As many of `messages`, from the first, as fit into one parcel; one at least. */
export function fitting(messages: readonly Uint8Array[]): number {
  let count = 0;
  let bytes = 0;
  for (const { length } of messages) {
    bytes += length + AROUND;
    if (count > 0 && (count === MOST_MESSAGES || bytes > MAX_MESSAGE_BYTES)) break;
    count++;
  }
  return count;
}
