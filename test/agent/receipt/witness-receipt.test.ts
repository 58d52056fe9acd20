import { describe, expect, test } from "@jest/globals";
import { CborError } from "../../../agent/cbor/error.js";
import { decodeCbor } from "../../../agent/cbor/value.js";
import { isSignedBy, writeSign1 } from "../../../agent/cose/sign1.js";
import { InputError } from "../../../agent/input-error.js";
import {
  MAX_RECEIPT_BYTES,
  parseWitnessReceipt,
  RECEIPT_TYPE,
  type WitnessReceipt,
} from "../../../agent/receipt/witness-receipt.js";
import { writeWitnessReceipt } from "../../../network/witness/receipt.js";
import { createSigner, signatureChecker } from "../../../node/ports/signer.js";
import { CddlValidator } from "../../support/cddl.js";
import { makeFrame, reading, testKid } from "../../support/frames.js";
import { block } from "../frame/protocol.js";

const validator = new CddlValidator(block("cddl"));
const check = (bytes: Uint8Array) => validator.check("witness-receipt", decodeCbor(bytes));

const witness = createSigner(new Uint8Array(32).fill(9));
const MOST = 2 ** 53 - 1;
const GIVEN: WitnessReceipt = {
  device: testKid,
  from: { boot: 1, sequence: 7 },
  to: { boot: 2, sequence: 0 },
};

describe("a receipt", () => {
  test("says what was signed, and the CDDL of docs/protocol.md takes it", () => {
    const receipt = writeWitnessReceipt(GIVEN, "demo", witness);
    expect(check(receipt)).toBeUndefined();
    const { document, ...said } = parseWitnessReceipt(receipt, "demo");
    expect(said).toEqual(GIVEN);
    expect(isSignedBy(RECEIPT_TYPE, document, witness.publicKey, signatureChecker)).toBe(true);
    expect(receipt.length).toBe(149);
  });

  test("with the longest network and positions is no longer than a board reads", () => {
    const last = { boot: MOST, sequence: MOST };
    const network = "n".repeat(64);
    const receipt = writeWitnessReceipt({ ...GIVEN, from: last, to: last }, network, witness);
    expect(check(receipt)).toBeUndefined();
    expect(receipt.length).toBeLessThanOrEqual(MAX_RECEIPT_BYTES);
    expect(parseWitnessReceipt(receipt, network).to).toEqual(last);
  });

  test("counts in its network only", () => {
    const receipt = writeWitnessReceipt(GIVEN, "demo", witness);
    expect(() => parseWitnessReceipt(receipt, "dem0")).toThrow(CborError);
  });

  test("is not one that ends before it begins, or of half a kid", () => {
    const wrong: Partial<WitnessReceipt>[] = [
      { to: { boot: 1, sequence: 6 } },
      { to: { boot: 0, sequence: 9 } },
      { device: new Uint8Array(7) },
    ];
    for (const given of wrong)
      expect(() => writeWitnessReceipt({ ...GIVEN, ...given }, "demo", witness)).toThrow(InputError);
  });

  test("is refused by the CDDL where a part of it is another", () => {
    const other = writeSign1("application/x", new Uint8Array(8), Uint8Array.of(0x80), witness, "demo");
    expect(check(other)?.rule).toBe("receipt-type");
    const short = writeSign1(RECEIPT_TYPE, new Uint8Array(7), Uint8Array.of(0x80), witness, "demo");
    expect(check(short)?.rule).toBe("receipt-header");
    const empty = writeSign1(RECEIPT_TYPE, new Uint8Array(8), Uint8Array.of(0x80), witness, "demo");
    expect(check(empty)?.rule).toBe("receipt-range");
    const nowhere = writeSign1(RECEIPT_TYPE, new Uint8Array(8), Uint8Array.of(0x80), witness);
    expect(check(nowhere)?.rule).toBe("receipt-header");
  });

  test("is no frame, and no frame is one", () => {
    const frame = makeFrame([reading()]);
    expect(check(frame)).toBeDefined();
    expect(() => parseWitnessReceipt(frame, "demo")).toThrow(CborError);
  });
});
