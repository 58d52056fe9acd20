import { expect, test } from "@jest/globals";
import { didOfKey } from "../../../agent/frame/identity.js";
import { didOf } from "../../../firmware/did.js";
import { createSigner } from "../../../node/ports/signer.js";

test.each([1, 2, 3, 50, 127, 200])("the did of key %i is what the libraries make", (byte) => {
  const { publicKey } = createSigner(new Uint8Array(32).fill(byte));
  expect(didOf(publicKey)).toBe(didOfKey(publicKey));
});

test.each([0x00, 0xff])("a key of %i's, too", (byte) => {
  const key = new Uint8Array(33).fill(byte);
  expect(didOf(key)).toBe(didOfKey(key));
});
