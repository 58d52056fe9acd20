import { CborError } from "../../agent/cbor/error.js";
import { CborReader } from "../../agent/cbor/reader.js";
import { CborWriter } from "../../agent/cbor/writer.js";
import { DIGEST_BYTES } from "../../agent/frame/layout.js";

/** What an inventory says: the CBOR array `[root, frames, from, until]`. */
export interface InventoryBody {
  /** Of the inventory tree. */
  readonly root: Uint8Array;
  /** Frames in it. */
  readonly frames: number;
  /** Unix seconds: the dates of its frames, `until` not included. */
  readonly from: number;
  readonly until: number;
}

export function writeBody({ root, frames, from, until }: InventoryBody): Uint8Array {
  const writer = new CborWriter(new Uint8Array(64 + DIGEST_BYTES));
  writer.array(4);
  writer.bytes(root);
  writer.int(frames);
  writer.int(from);
  writer.int(until);
  return writer.buffer.slice(0, writer.offset);
}

/** Undefined for what is no body in its one encoding. */
export function readBody(bytes: Uint8Array): InventoryBody | undefined {
  try {
    const reader = new CborReader(bytes);
    if (reader.array() !== 4) return undefined;
    const root = reader.bytes();
    const [frames, from, until] = [reader.uint(), reader.uint(), reader.uint()];
    reader.finish();
    return root.length === DIGEST_BYTES ? { root, frames, from, until } : undefined;
  } catch (error) {
    if (error instanceof CborError) return undefined;
    throw error;
  }
}
