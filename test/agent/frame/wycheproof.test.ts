import { describe, expect, test } from "@jest/globals";
import { isHighS } from "../../../agent/frame/parse.js";
import { hasher, signatureChecker } from "../../../node/ports/signer.js";
import { bytesOf, hexOf } from "../../support/frames.js";
import vectors from "../../vectors/wycheproof-ecdsa-secp256k1-sha256-bitcoin.json";
import { signatureOfDer } from "./der.js";

const cases = vectors.testGroups.flatMap(({ publicKey, tests }) =>
  tests.map((vector) => ({ ...vector, publicKey: bytesOf(publicKey.uncompressed) })),
);

function sha256(message: Uint8Array): Uint8Array {
  const digest = new Uint8Array(32);
  hasher.sha256(message, digest, 0);
  return digest;
}

/** The verify path: DER to r‖s, then the checker. */
function verify({ msg, sig, publicKey }: { msg: string; sig: string; publicKey: Uint8Array }): boolean {
  const signature = signatureOfDer(bytesOf(sig));
  const digest = sha256(bytesOf(msg));
  return signature !== undefined && signatureChecker.verify(signature, digest, publicKey);
}

// The "bitcoin" flavour of the vectors: a signature with a high s is invalid.
describe("Wycheproof, ECDSA on secp256k1 with SHA-256 and low S", () => {
  test("all 463 cases come out as they should", () => {
    const outcomes = cases.map((vector) => ({
      tcId: vector.tcId,
      expected: vector.result === "valid",
      found: verify(vector),
    }));
    expect(outcomes.filter(({ expected, found }) => expected !== found)).toEqual([]);
    expect(outcomes).toHaveLength(463);
    expect(new Set(outcomes.map(({ tcId }) => tcId)).size).toBe(463);
    expect(outcomes.filter(({ found }) => found)).toHaveLength(162);
  });

  test("compressed keys make no difference", () => {
    const compressed = cases.map((vector) => {
      const point = vector.publicKey;
      const parity = 2 + ((point[64] as number) & 1);
      return { ...vector, publicKey: Uint8Array.of(parity, ...point.subarray(1, 33)) };
    });
    expect(compressed.filter((vector) => verify(vector) !== (vector.result === "valid"))).toEqual([]);
  });

  test("a signature with s above half the order is refused by its s alone, and there are such", () => {
    const malleable = cases.filter(({ flags }) => flags.includes("SignatureMalleabilityBitcoin"));
    expect(malleable.length).toBeGreaterThan(0);
    for (const { sig } of malleable) expect(isHighS(signatureOfDer(bytesOf(sig)) as Uint8Array)).toBe(true);
  });

  test("what is no key or no signature is false, never an error", () => {
    const [first] = cases.filter(({ result }) => result === "valid");
    if (first === undefined) throw new Error("no valid vector");
    const { publicKey } = first;
    const signature = signatureOfDer(bytesOf(first.sig)) as Uint8Array;
    const digest = sha256(bytesOf(first.msg));
    expect(signatureChecker.verify(signature, digest, publicKey)).toBe(true);
    for (const key of [new Uint8Array(0), new Uint8Array(33), new Uint8Array(65), publicKey.subarray(0, 64)])
      expect(signatureChecker.verify(signature, digest, key)).toBe(false);
    for (const length of [0, 63, 65])
      expect(signatureChecker.verify(new Uint8Array(length), digest, publicKey)).toBe(false);
  });
});

describe("signatureOfDer", () => {
  const one = (hex: string) => signatureOfDer(bytesOf(hex));
  test("puts r and s right-aligned into 32 bytes each", () => {
    expect(hexOf(one("3007 02020080 020101") as Uint8Array)).toBe(`${"00".repeat(31)}80${"00".repeat(31)}01`);
  });
  test.each([
    ["empty", ""],
    ["a set", "3106 020101 020101"],
    ["a length in long form", "308106 020101 020101"],
    ["a length too short", "3005 020101 020101"],
    ["a length too long", "3007 020101 020101"],
    ["something behind s", "3008 020101 020101 0500"],
    ["s missing", "3003 020101"],
    ["r without digits", "3005 0200 020101"],
    ["r negative", "3006 020180 020101"],
    ["r with a zero too many", "3007 02020001 020101"],
    ["r of 33 bytes", `3026 0221 01${"00".repeat(32)} 020101`],
    ["an integer of another type", "3006 030101 020101"],
  ])("refuses %s", (_name, hex) => expect(one(hex)).toBeUndefined());
});
