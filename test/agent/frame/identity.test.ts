import { describe, expect, test } from "@jest/globals";
import { sha256 } from "@noble/hashes/sha2.js";
import { base58 } from "@scure/base";
import { hex, kidOfKey } from "../../../agent/cose/kid.js";
import { didOfKey, evmAddress, keyOfDid } from "../../../agent/frame/identity.js";
import { InputError } from "../../../agent/input-error.js";
import { createSigner, hasher, uncompressedKey } from "../../../node/ports/signer.js";
import { bytesOf, hexOf } from "../../support/frames.js";

const publicKeyOf = (privateKey: string) => createSigner(bytesOf(privateKey)).publicKey;

describe("did:key", () => {
  // w3c-ccg/did-method-key, test-vectors/secp256k1.json
  const vectors: [privateKey: string, did: string][] = [
    [
      "9085d2bef69286a6cbb51623c8fa258629945cd55ca705cc4e66700396894e0c",
      "did:key:zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme",
    ],
    [
      "f0f4df55a2b3ff13051ea814a8f24ad00f2e469af73c363ac7e9fb999a9072ed",
      "did:key:zQ3shtxV1FrJfhqE1dvxYRcCknWNjHc3c5X1y3ZSoPDi2aur2",
    ],
    [
      "6b0b91287ae3348f8c2f2552d766f30e3604867e34adc37ccbb74a8e6b893e02",
      "did:key:zQ3shZc2QzApp2oymGvQbzP8eKheVshBHbU4ZYjeXqwSKEn6N",
    ],
    [
      "c0a6a7c560d37d7ba81ecee9543721ff48fea3e0fb827d42c1868226540fac15",
      "did:key:zQ3shadCps5JLAHcZiuX5YUtWHHL8ysBJqFLWvjZDKAWUBGzy",
    ],
    [
      "175a232d440be1e0788f25488a73d9416c04b6f924bea6354bf05dd2f1a75133",
      "did:key:zQ3shptjE6JwdkeKN4fcpnYQY3m9Cet3NiHdAfpvSUZBFoKBj",
    ],
  ];
  test.each(vectors)("of the key %s, both ways", (privateKey, did) => {
    const publicKey = publicKeyOf(privateKey);
    expect(didOfKey(publicKey)).toBe(did);
    expect(keyOfDid(did)).toEqual(publicKey);
  });

  const multibase = (...bytes: number[]) => `did:key:z${base58.encode(Uint8Array.from(bytes))}`;
  test.each([
    ["nothing", "", "is not a did:key"],
    ["another method", "did:web:example.com", "is not a did:key"],
    ["another multibase, base64url", "did:key:u5wEDc", "is not a did:key"],
    ["letters that base58 does not have", "did:key:zQ3sh0OIl", "is not base58btc"],
    ["nothing behind z", "did:key:z", "is not a secp256k1 key"],
    ["an Ed25519 key", "did:key:z6MktvqCyLxTsXUH1tUZncNdVeEZ7hNh7npPRbUU27GTrYb8", "is not a secp256k1 key"],
    ["a key of 32 bytes", multibase(0xe7, 1, ...Array(32).fill(2)), "is not a secp256k1 key"],
    ["a key of 34 bytes", multibase(0xe7, 1, ...Array(34).fill(2)), "is not a secp256k1 key"],
    ["an uncompressed key", multibase(0xe7, 1, 4, ...Array(64).fill(1)), "is not a secp256k1 key"],
    ["multicodec 0xe7 not as a varint", multibase(0xe7, 2, ...Array(33).fill(2)), "is not a secp256k1 key"],
  ])("refuses %s", (_name, did, message) => {
    expect(() => keyOfDid(did)).toThrow(InputError);
    expect(() => keyOfDid(did)).toThrow(message);
  });

  test.each([0, 32, 64, 65])("is not made of %d bytes", (length) => {
    expect(() => didOfKey(new Uint8Array(length))).toThrow(`publicKey: expected 33 bytes, got ${length}`);
  });
});

describe("kid", () => {
  test("is the start of SHA-256 of the compressed key", () => {
    const publicKey = publicKeyOf("01".repeat(32));
    expect(hexOf(publicKey)).toBe("031b84c5567b126440995d3ed5aaba0565d71e1834604819ff9c17f5e9d5dd078f");
    expect(hex(kidOfKey(publicKey, hasher))).toBe("f1d12012406b87af");
    expect(hex(kidOfKey(publicKey, hasher))).toBe(hexOf(sha256(publicKey)).slice(0, 16));
  });

  test("is written in lower-case hex, two digits a byte", () => {
    expect(hex(Uint8Array.of(0, 15, 16, 0xab, 0xff))).toBe("000f10abff");
  });
});

describe("EVM address", () => {
  test.each([
    // The private key 1, whose public key is the generator.
    ["0".repeat(63).concat("1"), "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf"],
    // EIP-712's example: the private key is Keccak-256 of "cow".
    [
      "c85ef7d79691fe79573b1a7064c19c1a9819ebdbd1faaab1a8ec92344438aaf4",
      "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826",
    ],
    // The first account of every development node.
    [
      "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",
      "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
    ],
  ])("of the key %s", (privateKey, address) => {
    expect(evmAddress(uncompressedKey(publicKeyOf(privateKey)))).toBe(address);
  });

  test.each([33, 64])("is not made of %d bytes", (length) => {
    expect(() => evmAddress(new Uint8Array(length))).toThrow(
      `uncompressedKey: expected 65 bytes, got ${length}`,
    );
  });
});
