import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import * as noble from "@noble/secp256k1";
import { hex } from "../../agent/cose/kid.js";
import { loadChecker, type Verify } from "../../node/checker-addon.js";
import { buildChecker, checkerPath } from "../../node/checker-build.js";
import { checkerName, createSigner, uncompressedKey, verifyByNpm } from "../../node/ports/signer.js";
import { signatureOfDer } from "../agent/frame/der.js";
import { createPrng, type Prng } from "../agent/frame/mutate.js";
import { temporaryFolder } from "../support/cli.js";
import { bytesOf } from "../support/frames.js";
import vectors from "../vectors/wycheproof-ecdsa-secp256k1-sha256-bitcoin.json";

const root = join(__dirname, "../..");
const HOSTILE = join(__dirname, "checker-hostile.cjs");
/** SEC 2 §2.4.1; lambda: the curve's endomorphism multiplies by it. */
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const LAMBDA = 0x5363ad4cc05c30e0a5261c028812645a122e22ea20816678df02967c1b23bd72n;
/** noble checks a few hundred a second. */
const OPINIONS = 100;

let verify: Verify;

beforeAll(async () => {
  noble.hashes.sha256 = sha256;
  noble.hashes.hmacSha256 = (key, message) => hmac(sha256, key, message);
  await buildChecker(root, () => {});
  const loaded = loadChecker();
  if (loaded === undefined) throw new Error("this machine has no C compiler: nothing to test");
  verify = loaded;
});

function verifyByNoble(signature: Uint8Array, digest: Uint8Array, key: Uint8Array): boolean {
  try {
    return noble.verify(signature, digest, key, { prehash: false, lowS: true });
  } catch {
    return false;
  }
}

const scalar = (value: bigint) =>
  Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * (31 - i))) & 0xffn));
const numberOf = (bytes: Uint8Array) => BigInt(`0x${hex(bytes)}`);
const bytesFrom = (random: Prng, length: number) =>
  Uint8Array.from({ length }, () => Math.floor(256 * random()));

interface Signed {
  readonly signature: Uint8Array;
  readonly digest: Uint8Array;
  /** 33 bytes. */
  readonly key: Uint8Array;
}

function signedBy(privateKey: Uint8Array, digest: Uint8Array): Signed {
  const signer = createSigner(privateKey);
  const signature = new Uint8Array(64);
  signer.sign(digest, signature, 0);
  return { signature, digest, key: signer.publicKey };
}

/** One of the ways in which a signature, a digest or a key is not what it was, or is all the same. */
function spoil(random: Prng, { signature, digest, key }: Signed): Signed {
  const [s, d, k] = [signature.slice(), digest.slice(), random() < 0.5 ? key.slice() : uncompressedKey(key)];
  const flip = (bytes: Uint8Array) => {
    const at = Math.floor(random() * bytes.length);
    bytes[at] = (bytes[at] as number) ^ (1 << Math.floor(8 * random()));
  };
  const half = 32 * Math.floor(2 * random());
  const ways: readonly (() => void)[] = [
    () => {},
    () => flip(s),
    () => flip(d),
    () => flip(k),
    () => s.set(scalar(ORDER - numberOf(s.subarray(32))), 32),
    () => s.set(scalar(0n), half),
    () => s.set(scalar(ORDER), half),
    () => s.set(scalar(ORDER - 1n), half),
    () => s.set(scalar((1n << 256n) - 1n), half),
    () => s.set(bytesFrom(random, 32), half),
    () => d.set(scalar(ORDER)),
    () => k.set([Math.floor(9 * random())]),
  ];
  (ways[Math.floor(random() * ways.length)] as () => void)();
  return { signature: s, digest: d, key: k };
}

describe("the checker in C", () => {
  test("is what checks signatures on this machine", () => {
    expect(checkerName()).toBe("in C, compiled on this machine");
  });

  // Three times: the key is new, has one table, has all.
  test("says of every Wycheproof vector what it should, however often the key came", () => {
    let valid = 0;
    for (const { publicKey, tests } of vectors.testGroups)
      for (const { msg, sig, result, tcId } of tests) {
        const signature = signatureOfDer(bytesOf(sig));
        if (signature === undefined) continue;
        const key = bytesOf(publicKey.uncompressed);
        for (const form of [key, Uint8Array.of(2 + ((key[64] as number) & 1), ...key.subarray(1, 33))])
          for (let time = 0; time < 3; time++)
            expect([tcId, verify(signature, sha256(bytesOf(msg)), form)]).toEqual([tcId, result === "valid"]);
        if (result === "valid") valid++;
      }
    expect(valid).toBe(162);
  });

  test("agrees with npm's binding and with noble on signatures, keys and digests that were changed", () => {
    const random = createPrng(20261130);
    const keys = [1n, 2n, 3n, ORDER - 1n, 1n << 33n, 1n << 66n, ORDER - (1n << 99n), LAMBDA, ORDER - LAMBDA];
    const found = { true: 0, false: 0 };
    for (let i = 0; i < 3000; i++) {
      const privateKey = i % 4 === 0 ? scalar(keys[(i / 4) % keys.length] as bigint) : bytesFrom(random, 32);
      const digest = i % 50 === 0 ? scalar(0n) : i % 51 === 0 ? scalar(ORDER + 1n) : bytesFrom(random, 32);
      const whole = signedBy(privateKey, digest);
      for (let time = 0; time < 3; time++) {
        const { signature, digest: over, key } = time === 0 ? whole : spoil(random, whole);
        const said = verify(signature, over, key);
        const context = { i, signature: hex(signature), digest: hex(over), key: hex(key) };
        expect({ ...context, said }).toEqual({ ...context, said: verifyByNpm(signature, over, key) });
        found[`${said}`]++;
        // Hybrid keys (SEC 1 §2.3.4: 6 and 7) are libsecp256k1's alone.
        if (i % 20 === 0 && i < 20 * OPINIONS && key[0] !== 6 && key[0] !== 7)
          expect({ ...context, said }).toEqual({ ...context, said: verifyByNoble(signature, over, key) });
      }
    }
    expect(found.true).toBeGreaterThan(3000);
    expect(found.false).toBeGreaterThan(3000);
  });

  test("tells keys apart that take each other's places", () => {
    const random = createPrng(7);
    const all = Array.from({ length: 3000 }, () => signedBy(bytesFrom(random, 32), bytesFrom(random, 32)));
    for (let round = 0; round < 3; round++)
      for (const [i, { signature, digest, key }] of all.entries()) {
        const wrong = key.slice(); // in the same set: it is found by the last two bytes
        wrong[20] = (wrong[20] as number) ^ 1;
        expect([i, verify(signature, digest, key)]).toEqual([i, true]);
        expect([i, verify(signature, digest, wrong)]).toEqual([i, false]);
      }
  });

  test("survives arguments of every type, also under AddressSanitizer", async () => {
    const { signature, digest, key } = signedBy(sha256(Uint8Array.of(1)), sha256(Uint8Array.of(2)));
    const hexes = [signature, digest, key].map(hex);
    const run = (path: string, env = {}) =>
      execFileSync(process.execPath, [HOSTILE, path, ...hexes], {
        env: { ...process.env, ...env },
      }).toString();
    expect(Number(run(checkerPath(root) as string))).toBeGreaterThan(1000);
    const sanitized = await buildChecker(root, () => {}, "sanitize");
    const preload = execFileSync("cc", ["-print-file-name=libasan.so"]).toString().trim();
    if (process.platform !== "linux") return;
    const env = { LD_PRELOAD: preload, ASAN_OPTIONS: "detect_leaks=0" };
    expect(Number(run(sanitized as string, env))).toBeGreaterThan(1000);
  });

  test("works in several threads at once, which end before the others", async () => {
    const { signature, digest, key } = signedBy(sha256(Uint8Array.of(3)), sha256(Uint8Array.of(4)));
    const program = `
      const { parentPort, workerData } = require("node:worker_threads");
      const loaded = { exports: {} };
      process.dlopen(loaded, workerData.path);
      let valid = 0;
      for (let i = 0; i < workerData.times; i++)
        valid += loaded.exports(workerData.signature, workerData.digest, workerData.key);
      parentPort.postMessage(valid);`;
    const work = (times: number) =>
      new Promise<number>((resolve, reject) => {
        const workerData = { path: checkerPath(root), times, signature, digest, key };
        const worker = new Worker(program, { eval: true, workerData });
        let valid = -1;
        worker.once("message", (message) => {
          valid = message;
        });
        worker.once("error", reject);
        worker.once("exit", () => resolve(valid));
      });
    expect(await Promise.all([work(10), work(3000), work(100), work(3000)])).toEqual([10, 3000, 100, 3000]);
    expect(verify(signature, digest, key)).toBe(true);
  });
});

test("a file that is no module of this machine is passed over", () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "text.node"), "not a module");
  expect(loadChecker(join(folder, "text.node"))).toBeUndefined();
  expect(loadChecker(join(folder, "missing.node"))).toBeUndefined();
  expect(loadChecker(undefined)).toBeDefined();
});

test("where the compiler fails, or there are no sources, there is none, and one line says why", async () => {
  const folder = temporaryFolder();
  const lines: string[] = [];
  const progress = (line: string) => lines.push(line);
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(join(root, "node_modules/secp256k1"), join(folder, "node_modules/secp256k1"));
  expect(await buildChecker(folder, progress)).toBeUndefined();
  expect(lines).toEqual([]);
  mkdirSync(join(folder, "node/native"), { recursive: true });
  writeFileSync(join(folder, "node/native/addon.c"), "#error not today\n");
  expect(await buildChecker(folder, progress)).toBeUndefined();
  expect(lines).toEqual([
    "compiling the checker of signatures, once",
    expect.stringMatching(/^signatures are checked by npm secp256k1: .* failed for .*addon\.c/),
  ]);
});
