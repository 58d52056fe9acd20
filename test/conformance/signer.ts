import { beforeAll, describe, expect, test } from "@jest/globals";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import * as noble from "@noble/secp256k1";
import { hex } from "../../agent/cose/kid.js";
import type { SignatureChecker, Signer } from "../../agent/ports/signer.js";

export interface SignerBinding {
  /** Of the private key that the suite is for. */
  readonly signer: Signer;
  readonly checker: SignatureChecker;
}

/** Order of secp256k1 (SEC 2 §2.4.1). */
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
/** The digest is signed as it is, and a high S is refused, as by the port. */
const AS_PORT = { prehash: false, lowS: true };

/** ASCII. Boards have no Buffer and no TextEncoder, and the suite runs on them, too. */
const utf8 = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const digestOf = (text: string) => sha256(utf8(text));
const number = (bytes: Uint8Array) => BigInt(`0x${hex(bytes)}`);
const scalar = (value: bigint) =>
  Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * (31 - i))) & 0xffn));

/** Private keys that the suite is for: a board has one. */
export const SIGNER_KEYS: readonly (readonly [name: string, privateKey: Uint8Array])[] = [
  ["1", scalar(1n)],
  ["the order - 1", scalar(ORDER - 1n)],
  ["any", digestOf("a key for tests")],
];

/** What agent/ports/signer.ts promises, checked by a second implementation, @noble/secp256k1. */
export function describeSigner(
  name: string,
  privateKey: Uint8Array,
  { signer, checker }: SignerBinding,
): void {
  describe(`signer: ${name}`, () => {
    beforeAll(() => {
      noble.hashes.sha256 = sha256;
      noble.hashes.hmacSha256 = (key, message) => hmac(sha256, key, message);
    });

    const sign = (digest: Uint8Array) => {
      const signature = new Uint8Array(64);
      signer.sign(digest, signature, 0);
      return signature;
    };
    const digest = digestOf("a message");
    const signature = sign(digest);

    test.each([
      ["of no bytes", ""],
      ["of one block less padding", "a".repeat(55)],
      ["of two blocks", "a".repeat(56)],
      ["of 4,096 bytes", "z".repeat(4096)],
    ])("SHA-256 %s agrees with noble, in place and nowhere else", (_title, text) => {
      for (const hasher of [signer, checker]) {
        const into = new Uint8Array(40);
        hasher.sha256(utf8(text), into, 4);
        expect(into).toEqual(Uint8Array.of(0, 0, 0, 0, ...digestOf(text), 0, 0, 0, 0));
      }
    });

    test("the public key of the private key is noble's, compressed", () => {
      expect(new Uint8Array(signer.publicKey)).toEqual(noble.getPublicKey(privateKey, true));
    });

    const known = number(privateKey) === 1n ? test : undefined;
    known?.("RFC 6979 nonces: the signature known for the key 1 and 'Satoshi Nakamoto'", () => {
      expect(hex(sign(digestOf("Satoshi Nakamoto")))).toBe(
        "934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8" +
          "2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5",
      );
    });

    test("signs what noble signs", () => {
      for (const text of ["", "a", "b", "c"])
        expect(sign(digestOf(text))).toEqual(noble.sign(digestOf(text), privateKey, AS_PORT));
    });

    test("signs into the middle of a buffer and nowhere else, and leaves the digest alone", () => {
      const into = new Uint8Array(70);
      const before = digest.slice();
      signer.sign(digest, into, 3);
      expect(into).toEqual(Uint8Array.of(0, 0, 0, ...signature, 0, 0, 0));
      expect(digest).toEqual(before);
    });

    test("1,000 digests: deterministic, low S, and the checker agrees", () => {
      let high = 0;
      let unsteady = 0;
      let refused = 0;
      let data = digest;
      for (let i = 0; i < 1000; i++) {
        data = sha256(data);
        const first = sign(data);
        if (number(first.subarray(32)) > ORDER / 2n) high++;
        if (hex(first) !== hex(sign(data))) unsteady++;
        if (!checker.verify(first, data, signer.publicKey)) refused++;
      }
      expect({ high, unsteady, refused }).toEqual({ high: 0, unsteady: 0, refused: 0 });
    });

    test("takes the public key compressed and as a whole", () => {
      const whole = noble.getPublicKey(privateKey, false);
      expect(checker.verify(signature, digest, signer.publicKey)).toBe(true);
      expect(checker.verify(signature, digest, whole)).toBe(true);
    });

    const s = number(signature.subarray(32));
    const r = number(signature.subarray(0, 32));
    const pair = (first: bigint, second: bigint) => Uint8Array.of(...scalar(first), ...scalar(second));
    const other = noble.getPublicKey(scalar(2n), true);
    const wrong: [string, Uint8Array, Uint8Array, Uint8Array][] = [
      ["the high-S twin", pair(r, ORDER - s), digest, signer.publicKey],
      ["another key's signature", signature, digest, other],
      ["another digest's signature", signature, digestOf("b"), signer.publicKey],
      ["r and s exchanged", pair(s, r), digest, signer.publicKey],
      ["r = 0", pair(0n, s), digest, signer.publicKey],
      ["s = 0", pair(r, 0n), digest, signer.publicKey],
      ["r = the order", pair(ORDER, s), digest, signer.publicKey],
      ["s = the order", pair(r, ORDER), digest, signer.publicKey],
      ["r and s all ones", new Uint8Array(64).fill(0xff), digest, signer.publicKey],
      ["a signature a byte short", signature.subarray(1), digest, signer.publicKey],
      ["a signature a byte long", Uint8Array.of(...signature, 0), digest, signer.publicKey],
      ["no signature", new Uint8Array(0), digest, signer.publicKey],
      ["a digest a byte short", signature, digest.subarray(1), signer.publicKey],
      ["no digest", signature, new Uint8Array(0), signer.publicKey],
      ["no key", signature, digest, new Uint8Array(0)],
      ["a key of zeros", signature, digest, new Uint8Array(33)],
      ["a compressed key of another kind", signature, digest, Uint8Array.of(5, ...other.subarray(1))],
      ["a key off the curve", signature, digest, Uint8Array.of(2, ...scalar(5n))],
      ["an x at the field's order", signature, digest, Uint8Array.of(2, ...new Uint8Array(32).fill(0xff))],
      ["a whole key off the curve", signature, digest, Uint8Array.of(4, ...scalar(1n), ...scalar(1n))],
    ];
    test.each(wrong)("false, without throwing, for %s", (_title, bytes, about, key) => {
      expect(checker.verify(bytes, about, key)).toBe(false);
    });

    test("agrees with noble on signatures with any one bit of r or s changed", () => {
      const verdicts = { checker: 0, noble: 0 };
      for (let bit = 0; bit < 512; bit += 13) {
        const changed = signature.slice();
        changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
        if (checker.verify(changed, digest, signer.publicKey)) verdicts.checker++;
        if (noble.verify(changed, digest, signer.publicKey, AS_PORT)) verdicts.noble++;
      }
      expect(verdicts).toEqual({ checker: 0, noble: 0 });
    });

    test("agrees with noble on noble's signatures, and on their high-S twins", () => {
      for (const text of ["d", "e", "f", "g"]) {
        const signed = noble.sign(digestOf(text), privateKey, AS_PORT);
        const twin = pair(number(signed.subarray(0, 32)), ORDER - number(signed.subarray(32)));
        for (const bytes of [signed, twin])
          expect(checker.verify(bytes, digestOf(text), signer.publicKey)).toBe(
            noble.verify(bytes, digestOf(text), signer.publicKey, AS_PORT),
          );
      }
    });

    test("never throws on rubbish of any length", () => {
      let seed = digest;
      const rubbish = (length: number) => {
        seed = sha256(seed);
        return Uint8Array.from({ length }, (_, i) => seed[i % 32] as number);
      };
      const lengths = [0, 1, 31, 32, 33, 63, 64, 65, 66, 200];
      for (const a of lengths)
        for (const b of lengths)
          for (const c of lengths) expect(checker.verify(rubbish(a), rubbish(b), rubbish(c))).toBe(false);
    });
  });
}
