import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { hashes, sign } from "@noble/secp256k1";

/**
 * For xs-host: signs in JavaScript, as a board without the C signer would. `receive(kind, times)` signs so often.
 * scripts/build.js puts all of this into `boot`: these libraries write to arrays that they make when they are loaded.
 */
hashes.sha256 = sha256;
hashes.hmacSha256 = (key, message) => hmac(sha256, key, message);

const digest = new Uint8Array(32).fill(7);
const key = new Uint8Array(32).fill(1);

Object.assign(globalThis, {
  receive(_kind: number, times: number): void {
    for (let i = 0; i < times; i++) sign(digest, key, { prehash: false });
  },
});
