import { CborReader } from "../cbor/reader.js";
import { parseSign1, type UncheckedSign1 } from "../cose/sign1.js";
import { comparePositions, type Position } from "../frame/chain.js";
import { KID_BYTES } from "../frame/layout.js";

/** What a witness signs of the frames that it holds: docs/protocol.md. */
export const RECEIPT_TYPE = "application/vnd.fieldmark.receipt+cbor";
/** A board reads no longer one: the longest network and positions make 300. */
export const MAX_RECEIPT_BYTES = 320;
/** Parts of its payload: the device's kid, then boot and sequence of `from` and of `to`. */
export const RECEIPT_PARTS = 5;

/** The witness holds every frame of the device from `from` to `to`, both included, that was not declared lost. */
export interface WitnessReceipt {
  /** The device's kid. */
  readonly device: Uint8Array;
  readonly from: Position;
  readonly to: Position;
}

/** One that was read. Nothing of it is proven before its signature was checked. */
export interface UncheckedReceipt extends WitnessReceipt {
  readonly document: UncheckedSign1;
}

/** Reads `[device, boot, sequence, boot, sequence]`, signed for that network. Throws CborError for what is none. */
export function parseWitnessReceipt(document: Uint8Array, network: string): UncheckedReceipt {
  const found = parseSign1(RECEIPT_TYPE, document, network);
  const reader = new CborReader(found.payload);
  if (reader.array() !== RECEIPT_PARTS) reader.fail("unexpected", "a receipt has five parts");
  const device = reader.bytes();
  if (device.length !== KID_BYTES) reader.fail("unexpected", `a kid has ${KID_BYTES} bytes`);
  const from = { boot: reader.uint(), sequence: reader.uint() };
  const to = { boot: reader.uint(), sequence: reader.uint() };
  if (comparePositions(from, to) > 0) reader.fail("unexpected", "a range that ends before it begins");
  reader.finish();
  return { document: found, device, from, to };
}
