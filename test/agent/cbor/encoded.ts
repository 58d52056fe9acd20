import { CborError, type CborErrorCode } from "../../../agent/cbor/error.js";
import { type CborValue, encodeCbor } from "../../../agent/cbor/value.js";
import { CborWriter } from "../../../agent/cbor/writer.js";

/** `value` in our encoder's bytes. */
export function encoded(value: CborValue, room = 65536): Uint8Array {
  const writer = new CborWriter(new Uint8Array(room));
  encodeCbor(value, writer);
  return writer.buffer.subarray(0, writer.offset);
}

/** The CborError that `action` throws; undefined where it throws none. Anything else thrown goes on up. */
export function cborError(action: () => unknown): CborError | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    if (error instanceof CborError) return error;
    throw error;
  }
}

export function codeOf(action: () => unknown): CborErrorCode | undefined {
  return cborError(action)?.code;
}
