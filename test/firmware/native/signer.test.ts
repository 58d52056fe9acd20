import { beforeAll, describe, expect, test } from "@jest/globals";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import * as noble from "@noble/secp256k1";
import { signatureOfDer } from "../../agent/frame/der.js";
import { bytesOf, hexOf } from "../../support/frames.js";
import vectors from "../../vectors/wycheproof-ecdsa-secp256k1-sha256-bitcoin.json";
import { ask, buildDriver, COMPILE_TIMEOUT, FLAVOURS, type Flavour } from "./driver.js";
import { sha256 } from "./hash.js";

noble.hashes.sha256 = nobleSha256;
noble.hashes.hmacSha256 = (key, message) => hmac(nobleSha256, key, message);

const ORDER = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
const ONE = "00".repeat(31).concat("01");
const LAST = ORDER.slice(0, -1).concat("0");
const DIGEST = hexOf(sha256("reading"));
const START = ["open", "boot"];

/** Published with the first RFC 6979 implementations on secp256k1 (Trezor, Bitcoin Core); all low S. */
const RFC6979 = [
  [
    "1, Satoshi Nakamoto",
    ONE,
    "Satoshi Nakamoto",
    "934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8" +
      "2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5",
  ],
  [
    "the order less 1, Satoshi Nakamoto",
    LAST,
    "Satoshi Nakamoto",
    "fd567d121db66e382991534ada77a6bd3106f0a1098c231e47993447cd6af2d0" +
      "6b39cd0eb1bc8603e159ef5c20a5c8ad685a45b06ce9bebed3f153d10d93bed5",
  ],
  [
    "1, tears in rain",
    ONE,
    "All those moments will be lost in time, like tears in rain. Time to die...",
    "8600dbd41e348fe5c9465ab92d23e3db8b98b873beecd930736488696438cb6b" +
      "547fe64427496db33bf66019dacbf0039c04199abb0122918601db38a72cfc21",
  ],
] as const;

describe.each(Object.keys(FLAVOURS) as Flavour[])("the signer's core, %s", (flavour) => {
  let program: string;
  beforeAll(() => {
    program = buildDriver(flavour);
  }, COMPILE_TIMEOUT);
  const answers = async (...commands: string[]) => (await ask(program, [...START, ...commands])).slice(2);

  test.each(RFC6979)("RFC 6979: key %s", async (_name, key, message, signature) => {
    expect((await answers(`take ${key}`, `sign ${hexOf(sha256(message))}`))[1]).toBe(signature);
  });

  test("200 keys and digests: public keys and signatures are noble's, byte for byte", async () => {
    const pairs = Array.from({ length: 200 }, (_, i) => ({
      key: sha256(`key ${i}`),
      digest: sha256(`digest ${i}`),
    }));
    const found = await answers(
      ...pairs.flatMap(({ key, digest }) => [`take ${hexOf(key)}`, `sign ${hexOf(digest)}`]),
    );
    const expected = pairs.flatMap(({ key, digest }) => [
      hexOf(noble.getPublicKey(key, true)),
      hexOf(noble.sign(digest, key, { prehash: false, lowS: true })),
    ]);
    expect(found).toEqual(expected);
  });

  test("digests at the edges below the order are signed as noble signs them", async () => {
    const digests = ["00".repeat(32), LAST, ONE];
    const found = await answers(`take ${ONE}`, ...digests.map((digest) => `sign ${digest}`));
    const byNoble = (digest: string) =>
      hexOf(noble.sign(bytesOf(digest), bytesOf(ONE), { prehash: false, lowS: true }));
    expect(found.slice(1)).toEqual(digests.map(byNoble));
  });

  // libsecp256k1 does not reduce the digest for the nonce there, as RFC 6979's bits2octets does: one SHA-256 digest in 2^128.
  test("a digest that is not below the order gets another nonce than noble's, and a good signature", async () => {
    const digests = [ORDER, "ff".repeat(32)];
    const found = await answers(`take ${ONE}`, ...digests.map((digest) => `sign ${digest}`));
    const key = noble.getPublicKey(bytesOf(ONE), true);
    const good = digests.map((digest, i) =>
      noble.verify(bytesOf(found[i + 1] ?? ""), bytesOf(digest), key, { prehash: false, lowS: true }),
    );
    expect(good).toEqual([true, true]);
  });

  test("all 463 of Wycheproof's ECDSA cases, long and compressed keys", async () => {
    const cases = vectors.testGroups.flatMap(({ publicKey, tests }) =>
      tests.map(({ msg, sig, result }) => ({
        digest: sha256(bytesOf(msg)),
        sig,
        result,
        key: publicKey.uncompressed,
      })),
    );
    const parsed = cases.flatMap(({ sig, ...rest }) => {
      const signature = signatureOfDer(bytesOf(sig));
      return signature === undefined ? [] : [{ ...rest, signature }];
    });
    // What is no DER never reaches C; none of it may be valid.
    expect(cases.filter(({ result }) => result === "valid")).toHaveLength(162);
    expect(parsed.filter(({ result }) => result === "valid")).toHaveLength(162);
    expect(parsed.length).toBeGreaterThan(200);
    const compressed = (key: string) =>
      (Number.parseInt(key.slice(-1), 16) & 1 ? "03" : "02") + key.slice(2, 66);
    const found = await answers(
      ...parsed.flatMap(({ key, digest, signature }) =>
        [key, compressed(key)].map((form) => `verify ${form} ${hexOf(digest)} ${hexOf(signature)}`),
      ),
    );
    expect(found).toEqual(parsed.flatMap(({ result }) => Array(2).fill(result === "valid" ? "yes" : "no")));
  });

  test.each([
    ["zero", "00".repeat(32)],
    ["the group's order", ORDER],
    ["above the order", "ff".repeat(32)],
  ])("%s is no key, and takes the one before away", async (_name, key) => {
    expect(await answers(`take ${ONE}`, `take ${key}`, `sign ${DIGEST}`, "erased")).toEqual([
      expect.stringMatching(/^0[23]/),
      "bad-key",
      "no-key",
      "yes no",
    ]);
  });

  test("what is no public key verifies nothing", async () => {
    const point = hexOf(noble.getPublicKey(bytesOf(ONE), false));
    const signature = hexOf(noble.sign(bytesOf(DIGEST), bytesOf(ONE), { prehash: false }));
    const keys = [
      "-",
      "02",
      "00".repeat(33),
      "00".repeat(65),
      point.slice(0, -2),
      `06${point.slice(2)}`,
      `07${point.slice(2)}`,
    ];
    const verify = (key: string) => `verify ${key} ${DIGEST} ${signature}`;
    expect(await answers(verify(point), ...keys.map(verify))).toEqual(["yes", ...keys.map(() => "no")]);
  });

  test("nothing is signed or verified before boot, nor after the context is given back", async () => {
    const verify = `verify ${hexOf(noble.getPublicKey(bytesOf(ONE), true))} ${DIGEST} ${"11".repeat(64)}`;
    expect(await ask(program, [`take ${ONE}`, "make", `sign ${DIGEST}`, verify])).toEqual([
      ...["not-booted", "not-booted", "not-booted", "no"],
    ]);
    expect((await answers(`take ${ONE}`, "shut", `sign ${DIGEST}`)).slice(1)).toEqual(["ok", "not-booted"]);
  });

  test("signatures are the same however the context is blinded", async () => {
    const [, first, , second] = await answers(`take ${ONE}`, `sign ${DIGEST}`, "boot", `sign ${DIGEST}`);
    expect(second).toBe(first);
  });

  test("closing erases the key and the pool of randomness", async () => {
    expect(await answers("make", "erased", "close", "end", "erased", `sign ${DIGEST}`)).toEqual([
      ...[expect.stringMatching(/^0[23][0-9a-f]{64}$/), "no no", "ok", "ok", "yes yes", "no-key"],
    ]);
  });
});
