import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import * as noble from "@noble/secp256k1";
import { type CborKey, CborTagged, type CborValue } from "../../../agent/cbor/value.js";
import { createSigner, signatureChecker, uncompressedKey } from "../../../node/ports/signer.js";
import {
  bytesOf,
  hexOf,
  makeFrame,
  reading,
  TEST_PRIVATE_KEY,
  testKid,
  testSigner,
} from "../../support/frames.js";
import { decodeByCborX } from "../cbor/cbor-x.js";
import { GOLDEN, GOLDEN_BYTES } from "./golden.js";

noble.hashes.sha256 = sha256;
noble.hashes.hmacSha256 = (key, message) => hmac(sha256, key, message);
/** What is signed is a digest already; our signatures have a low s. */
const DIGEST = { prehash: false, lowS: true };

const BODY = [
  GOLDEN.protectedHead,
  ...[GOLDEN.headers, GOLDEN.alg, GOLDEN.contentType, GOLDEN.kid, GOLDEN.claims, GOLDEN.network],
  ...[GOLDEN.chain, GOLDEN.boot, GOLDEN.sequence, GOLDEN.prev, GOLDEN.uptime, GOLDEN.clock],
].join(" ");
const PAYLOAD = [
  ...[GOLDEN.payloadHead, GOLDEN.pack],
  ...[GOLDEN.record1, GOLDEN.value1, GOLDEN.name1, GOLDEN.baseTime, GOLDEN.unit1],
  ...[GOLDEN.record2, GOLDEN.value2, GOLDEN.time2],
  ...[GOLDEN.record3, GOLDEN.value3, GOLDEN.time3, GOLDEN.name3, GOLDEN.unit3],
].join(" ");

/** RFC 9052 §4.4, by hand from the golden frame's hex: none of our code has a part in it. */
const SIG_STRUCTURE = bytesOf(`
  84                          ; array of 4
  6a 5369676e617475726531     ; "Signature1"
  ${BODY}                     ; protected header
  40                          ; no external data
  ${PAYLOAD}                  ; payload
`);
const SIGNATURE = bytesOf(GOLDEN.r + GOLDEN.s);

describe("noble", () => {
  const keys = [1, 2, 3, 4, 5].map((seed) => createHash("sha256").update(`key ${seed}`).digest());

  test("verifies the golden frame's signature", () => {
    const digest = sha256(SIG_STRUCTURE);
    expect(noble.verify(SIGNATURE, digest, testSigner.publicKey, DIGEST)).toBe(true);
    digest[0] = (digest[0] as number) ^ 1;
    expect(noble.verify(SIGNATURE, digest, testSigner.publicKey, DIGEST)).toBe(false);
  });

  test("makes the golden frame's signature", () => {
    expect(hexOf(noble.sign(sha256(SIG_STRUCTURE), TEST_PRIVATE_KEY, DIGEST))).toBe(hexOf(SIGNATURE));
  });

  test.each(keys.map((key) => [key.toString("hex"), Uint8Array.from(key)] as const))(
    "and libsecp256k1 sign the same bytes (RFC 6979) with key %s",
    (_hex, key) => {
      const signer = createSigner(key);
      expect(hexOf(noble.getPublicKey(key))).toBe(hexOf(signer.publicKey));
      for (let i = 0; i < 10; i++) {
        const digest = sha256(Uint8Array.of(i));
        const ours = new Uint8Array(64);
        signer.sign(digest, ours, 0);
        expect(hexOf(noble.sign(digest, key, DIGEST))).toBe(hexOf(ours));
        expect(noble.verify(ours, digest, signer.publicKey, DIGEST)).toBe(true);
        expect(signatureChecker.verify(noble.sign(digest, key, DIGEST), digest, signer.publicKey)).toBe(true);
      }
    },
  );
});

describe("cbor-x", () => {
  test("decodes the golden frame to its values", () => {
    const frame = decodeByCborX(GOLDEN_BYTES);
    expect(frame).toBeInstanceOf(CborTagged);
    const { tag, value } = frame as CborTagged;
    const [protectedHeader, unprotected, payload, signature] = value as Uint8Array[];
    expect(tag).toBe(18);
    expect(value).toHaveLength(4);
    expect(unprotected).toEqual(new Map());
    expect(signature).toEqual(SIGNATURE);
    expect(decodeByCborX(protectedHeader as Uint8Array)).toEqual(
      map(
        [1, -47],
        [3, 112],
        [4, testKid],
        [15, map([3, "demo"])],
        [-65537, [3, 7, bytesOf("a0a1a2a3a4a5a6a7a8a9aaabacadaeaf"), 3600, 2]],
      ),
    );
    expect(decodeByCborX(payload as Uint8Array)).toEqual([
      map([2, decimal(-2, 2153)], [-2, "temperature"], [-3, 1795000000], [-4, "Cel"]),
      map([2, decimal(-1, 215)], [6, decimal(-1, -15)]),
      map([2, 48], [6, decimal(-1, -15)], [-2, "humidity"], [-4, "%RH"]),
    ]);
  });

  test("decodes dropped ranges and a pack without a base time", () => {
    const bytes = makeFrame([reading("count", "count", -70000, 0, 1234)], {
      boot: 300,
      sequence: 70000,
      clock: 0,
      dropped: [{ boot: 299, first: 0, last: 2 ** 33 }],
    });
    const [protectedHeader, , payload] = (decodeByCborX(bytes) as CborTagged).value as Uint8Array[];
    const chain = (decodeByCborX(protectedHeader as Uint8Array) as Map<CborKey, CborValue>).get(-65537);
    expect(chain).toEqual([300, 70000, new Uint8Array(16), 60, 0, [[299, 0, 2 ** 33]]]);
    expect(decodeByCborX(payload as Uint8Array)).toEqual([
      map([2, -70000], [6, decimal(-3, -1234)], [-2, "count"], [-4, "count"]),
    ]);
  });

  function map(...entries: [number, CborValue][]): Map<CborKey, CborValue> {
    return new Map(entries);
  }

  function decimal(exponent: number, mantissa: number): CborTagged {
    return new CborTagged(4, [exponent, mantissa]);
  }
});

describe("openssl", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "fieldmark-openssl-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("verifies the golden frame over the Sig_structure, and not over one that differs by a bit", () => {
    // RFC 5480: SubjectPublicKeyInfo of id-ecPublicKey (1.2.840.10045.2.1) on secp256k1 (1.3.132.0.10).
    const spki = bytesOf(
      `3056 3010 06072a8648ce3d0201 06052b8104000a 034200 ${hexOf(uncompressedKey(testSigner.publicKey))}`,
    );
    const wrong = SIG_STRUCTURE.slice();
    wrong[wrong.length - 1] = (wrong[wrong.length - 1] as number) ^ 1;
    const files = {
      "key.pem": `-----BEGIN PUBLIC KEY-----\n${Buffer.from(spki).toString("base64")}\n-----END PUBLIC KEY-----\n`,
      "signature.der": derSignature(SIGNATURE),
      "signed.bin": SIG_STRUCTURE,
      "wrong.bin": wrong,
    };
    for (const [file, content] of Object.entries(files)) writeFileSync(join(folder, file), content);
    const verify = (file: string) =>
      execFileSync(
        "openssl",
        ["dgst", "-sha256", "-verify", "key.pem", "-signature", "signature.der", file],
        {
          cwd: folder,
          encoding: "utf8",
          stdio: "pipe",
        },
      );
    expect(verify("signed.bin")).toBe("Verified OK\n");
    expect(() => verify("wrong.bin")).toThrow(/Verification failure|Command failed/);
  });

  /** r‖s as an ECDSA-Sig-Value (RFC 3279 §2.2.3). */
  function derSignature(signature: Uint8Array): Uint8Array {
    const integer = (bytes: Uint8Array) => {
      const first = bytes.findIndex((byte) => byte !== 0);
      const digits = [...bytes.subarray(first)];
      if ((digits[0] as number) >= 0x80) digits.unshift(0);
      return [0x02, digits.length, ...digits];
    };
    const content = [...integer(signature.subarray(0, 32)), ...integer(signature.subarray(32))];
    return Uint8Array.of(0x30, content.length, ...content);
  }
});
