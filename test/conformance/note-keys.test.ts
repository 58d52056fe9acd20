import { describe, expect, test } from "@jest/globals";
import { InputError } from "../../agent/input-error.js";
import { createNoteKey, noteChecker } from "../../node/ports/note-keys.js";
import { bytesOf, hexOf } from "../support/frames.js";

/** RFC 8032 §7.1: private key, public key, message, signature. */
const VECTORS = [
  [
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    "",
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
  ],
  [
    "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    "72",
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
  ],
] as const;
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

describe.each(VECTORS)("Ed25519 key %s", (seed, publicKey, message, signature) => {
  const key = createNoteKey(bytesOf(seed));

  test("signs as RFC 8032 has it", () => {
    expect(hexOf(key.publicKey)).toBe(publicKey);
    expect(hexOf(key.sign(bytesOf(message)))).toBe(signature);
  });

  test("is believed for what it signed, and for nothing else", () => {
    const right = bytesOf(signature);
    const holds = (s: Uint8Array, m = bytesOf(message), k = key.publicKey) => noteChecker.verify(s, m, k);
    expect(holds(right)).toBe(true);
    for (let at = 0; at < 64; at++)
      expect(holds(right.map((byte, i) => (i === at ? byte ^ 1 : byte)))).toBe(false);
    expect(holds(right, bytesOf(`${message}00`))).toBe(false);
    expect(holds(right.subarray(1))).toBe(false);
    expect(holds(new Uint8Array(0))).toBe(false);
    expect(holds(new Uint8Array(1000))).toBe(false);
    for (const wrong of [
      new Uint8Array(0),
      new Uint8Array(31),
      new Uint8Array(33),
      key.publicKey.map((b) => b ^ 1),
    ])
      expect(holds(right, bytesOf(message), wrong)).toBe(false);
  });

  test("has one signature: s + L, which leads to the same point, is none (RFC 8032 §8.4)", () => {
    const s = [...bytesOf(signature).subarray(32)].reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
    const twin = (s + ORDER).toString(16).padStart(64, "0").match(/../g)?.reverse().join("") ?? "";
    expect(noteChecker.verify(bytesOf(signature.slice(0, 64) + twin), bytesOf(message), key.publicKey)).toBe(
      false,
    );
  });
});

test("a private key has 32 bytes", () => {
  for (const length of [0, 31, 33, 64])
    expect(() => createNoteKey(new Uint8Array(length))).toThrow(InputError);
});
