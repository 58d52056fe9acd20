import { describe, expect, test } from "@jest/globals";
import { createFrameChecker } from "../../../agent/frame/check.js";
import type { Hasher } from "../../../agent/ports/signer.js";
import { hasher, signatureChecker } from "../../../node/ports/signer.js";
import { makeFrame, reading, testEnrolment, testSigner } from "../../support/frames.js";
import { runs } from "../../support/runs.js";
import { flipEveryBit } from "./flips.js";
import { GOLDEN_BYTES, GOLDEN_HEADER, GOLDEN_READINGS } from "./golden.js";

const ALL_FRAMES: [name: string, frame: Uint8Array][] = [
  ["the golden frame", GOLDEN_BYTES],
  [
    "clock unset, ranges dropped, integers",
    makeFrame([reading("count", "count", 70000, 0)], {
      boot: 300,
      clock: 0,
      dropped: [
        { boot: 7, first: 0, last: 30 },
        { boot: 299, first: 2, last: 2 },
      ],
    }),
  ],
  [
    "a payload of more than 255 bytes",
    makeFrame(Array.from({ length: 30 }, (_, i) => reading("a", "m", 1001 + 2 * i, -1, 1000 * i))),
  ],
];

const FRAMES = ALL_FRAMES.slice(0, runs(3, 2));

describe("a frame with any one bit flipped", () => {
  test.each(FRAMES)("is not ok: %s", (_name, frame) => {
    const checker = createFrameChecker(testEnrolment, signatureChecker);
    expect(checker.check(frame)).toHaveProperty("frame");
    const { tried, accepted, verdicts } = flipEveryBit(frame, signatureChecker);
    expect(accepted).toEqual([]);
    expect(tried).toBe(8 * frame.length);
    const every = [
      "bad-signature",
      "high-s",
      "malformed",
      "non-canonical",
      "unknown-device",
      "wrong-network",
    ];
    expect([...verdicts.keys()].sort()).toEqual(every);
    expect(verdicts.get("unknown-device")).toBe(64); // each bit of the kid
  });

  test.each(FRAMES)("is not ok even for a registry that knows the key by any kid: %s", (_name, frame) => {
    const { accepted, verdicts } = flipEveryBit(frame, signatureChecker, () => testSigner.publicKey);
    expect(accepted).toEqual([]);
    expect(verdicts.has("unknown-device")).toBe(false);
  });

  // Were it not so, the tests above could not fail.
  test.each(FRAMES)("is found ok by a checker that takes every signature: %s", (_name, frame) => {
    const { accepted } = flipEveryBit(frame, { ...signatureChecker, verify: () => true });
    const bitsOfR = Array.from({ length: 256 }, (_, i) => 8 * (frame.length - 64) + i);
    expect(accepted).toEqual(expect.arrayContaining(bitsOfR));
  });

  test("is found ok, where it is not hashed, by a signer and a checker that hash 64 bytes only", () => {
    const sha256: Hasher["sha256"] = (data, into, at) => hasher.sha256(data.subarray(0, 64), into, at);
    const frame = makeFrame(GOLDEN_READINGS, GOLDEN_HEADER, { signer: { ...testSigner, sha256 } });
    const { accepted } = flipEveryBit(frame, { ...signatureChecker, sha256 });
    // The Sig_structure is 10 bytes longer than the frame is up to the same byte.
    expect(accepted.length).toBeGreaterThan(50);
    expect(Math.min(...accepted)).toBeGreaterThanOrEqual(8 * (64 - 10));
  });
});
