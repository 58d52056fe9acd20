import { describe, expect, test } from "@jest/globals";
import { domainSeparator, NO_CHAIN } from "../../../network/statement/domain.js";
import {
  addressWord,
  stringWord,
  structHash,
  typedDigest,
  uintWord,
} from "../../../network/statement/eip712.js";
import { inventoryDigest, witnessDigest } from "../../../network/statement/statements.js";
import { createStatementSigner, statementChecker } from "../../../node/ports/statement-keys.js";

const unhex = (text: string) => new Uint8Array(Buffer.from(text, "hex"));
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

describe("EIP-712", () => {
  test("gives the hashes of the standard's own example", () => {
    const PERSON = "Person(string name,address wallet)";
    const person = (name: string, wallet: string) =>
      structHash(PERSON, [stringWord(name), addressWord(unhex(wallet))]);
    const domain = structHash(
      "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)",
      [stringWord("Ether Mail"), stringWord("1"), uintWord(1), addressWord(unhex("cc".repeat(20)))],
    );
    expect(hex(domain)).toBe("f2cee375fa42b42143804025fc449deafd50cc031ca257e0b194a650a912090f");
    const mail = structHash(`Mail(Person from,Person to,string contents)${PERSON}`, [
      person("Cow", "cd2a3d9f938e13cd947ec05abc7fe734df8dd826"),
      person("Bob", "bb".repeat(20)),
      stringWord("Hello, Bob!"),
    ]);
    expect(hex(mail)).toBe("c52c0ee5d84264471806290a3f2c4cecfc5490626bf912d01f240d7a274b371e");
    expect(hex(typedDigest(domain, mail))).toBe(
      "be609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2",
    );
    // The example's key is keccak256("cow"), and this its signature in the standard.
    const signer = createStatementSigner(stringWord("cow"));
    expect(hex(signer.sign(typedDigest(domain, mail)))).toBe(
      "4355c47d63924e8a72e509b65029052eb6c299d53a04e167c5775fd466751c9d07299936d304c153f6443dfa05f40ff007d72911b6f72307f996231605b915621c",
    );
  });
});

describe("a statement", () => {
  const domain = domainSeparator(NO_CHAIN);
  const signer = createStatementSigner(new Uint8Array(32).fill(7));
  const inventory = { network: "demo", epoch: 494_444, body: new Uint8Array(32).fill(1) };

  test("names its signer", () => {
    const digest = inventoryDigest(domain, inventory);
    const signature = signer.sign(digest);
    expect(statementChecker.recover(signature, digest)).toEqual(signer.publicKey);
    expect(signer.sign(digest)).toEqual(signature);
  });

  test("means nothing with anything else in it, on another chain, or as another statement", () => {
    const digests = [
      inventoryDigest(domain, inventory),
      inventoryDigest(domain, { ...inventory, network: "dem" }),
      inventoryDigest(domain, { ...inventory, epoch: 494_445 }),
      inventoryDigest(domain, { ...inventory, body: new Uint8Array(32) }),
      inventoryDigest(domainSeparator({ ...NO_CHAIN, chain: 1 }), inventory),
      inventoryDigest(domainSeparator({ ...NO_CHAIN, contract: new Uint8Array(20).fill(1) }), inventory),
      witnessDigest(domain, { network: "demo", name: "w", logKey: new Uint8Array(32).fill(1) }),
    ];
    expect(new Set(digests.map(hex)).size).toBe(digests.length);
  });

  test("with a high S, another v or another length names nobody", () => {
    const digest = inventoryDigest(domain, inventory);
    const signature = signer.sign(digest);
    const order = BigInt("0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");
    const s = order - BigInt(`0x${hex(signature.subarray(32, 64))}`);
    const v = signature[64] === 27 ? 28 : 27;
    const twin = Uint8Array.of(...signature.subarray(0, 32), ...unhex(s.toString(16).padStart(64, "0")), v);
    for (const bad of [
      twin,
      signature.subarray(0, 64),
      new Uint8Array(65),
      Uint8Array.of(...signature.subarray(0, 64), 29),
    ])
      expect(statementChecker.recover(bad, digest)).toBeUndefined();
  });
});
