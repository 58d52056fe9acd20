import { CborWriter } from "../../agent/cbor/writer.js";
import { kidOfKey } from "../../agent/cose/kid.js";
import { writeSign1 } from "../../agent/cose/sign1.js";
import { comparePositions } from "../../agent/frame/chain.js";
import { KID_BYTES } from "../../agent/frame/layout.js";
import { InputError } from "../../agent/input-error.js";
import type { Signer } from "../../agent/ports/signer.js";
import { RECEIPT_PARTS, RECEIPT_TYPE, type WitnessReceipt } from "../../agent/receipt/witness-receipt.js";

/** Longest integer, and longest head, in CBOR. */
const INT = 9;

/**
 * What a witness publishes on a device's receipt topic, signed by the witness's secp256k1 key: that it holds every frame of the device
 * from `from` to `to`, both included, that was not declared lost. Throws InputError for a range that is none.
 */
export function writeWitnessReceipt(
  { device, from, to }: WitnessReceipt,
  network: string,
  witness: Signer,
): Uint8Array {
  if (device.length !== KID_BYTES) throw new InputError(`device: a kid has ${KID_BYTES} bytes`);
  if (comparePositions(from, to) > 0)
    throw new InputError(`a range from ${from.boot}/${from.sequence} to ${to.boot}/${to.sequence}`);
  const writer = new CborWriter(new Uint8Array(RECEIPT_PARTS * INT + KID_BYTES));
  writer.array(RECEIPT_PARTS);
  writer.bytes(device);
  writer.int(from.boot);
  writer.int(from.sequence);
  writer.int(to.boot);
  writer.int(to.sequence);
  const payload = writer.buffer.subarray(0, writer.offset);
  return writeSign1(RECEIPT_TYPE, kidOfKey(witness.publicKey, witness), payload, witness, network);
}
