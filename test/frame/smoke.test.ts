import { expect, test } from "@jest/globals";
import { createFrameChecker } from "../../agent/frame/check.js";
import { didOfKey, evmAddress, keyOfDid, kidOfKey } from "../../agent/frame/identity.js";
import { parseFrame } from "../../agent/frame/parse.js";
import { FrameWriter } from "../../agent/frame/write.js";
import { createSigner, hasher, signatureChecker, uncompressedKey } from "../../host-sim/ports/signer.js";

test("a frame goes round", () => {
  const signer = createSigner(new Uint8Array(32).fill(1));
  const kid = kidOfKey(signer.publicKey, hasher);
  const writer = new FrameWriter("demo", kid, 1024);
  writer.begin(
    {
      boot: 300,
      sequence: 300,
      prev: new Uint8Array(16),
      uptime: 70000,
      clock: 2,
      time: 1795000000,
      dropped: [],
    },
    2,
  );
  writer.reading("temperature", "Cel", 2153, -2, 0);
  const one = writer.finish(signer);
  const r1 = parseFrame(one);
  expect(r1).toHaveProperty("failure");
  writer.begin(
    {
      boot: 300,
      sequence: 300,
      prev: new Uint8Array(16),
      uptime: 70000,
      clock: 2,
      time: 1795000000,
      dropped: [],
    },
    1,
  );
  writer.reading("temperature", "Cel", 2153, -2, 0);
  const f = writer.finish(signer).slice();
  console.log(f.length, Buffer.from(f).toString("hex"));
  const checker = createFrameChecker(
    { network: "demo", publicKey: () => signer.publicKey },
    signatureChecker,
  );
  const r = checker.check(f);
  console.log(r, didOfKey(signer.publicKey), evmAddress(uncompressedKey(signer.publicKey)));
  expect(keyOfDid(didOfKey(signer.publicKey))).toEqual(signer.publicKey);
  expect("frame" in r).toBe(true);
});
