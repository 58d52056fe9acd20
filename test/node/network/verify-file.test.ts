import { describe, expect, test } from "@jest/globals";
import type { Judgement } from "../../../network/verify/judgement.js";
import { verifySequence } from "../../../node/network/verify-file.js";
import { hasher, signatureChecker } from "../../../node/ports/signer.js";
import { makeFrame } from "../../support/frames.js";
import { testRegistry } from "../../support/judge-harness.js";

function frames(count: number): Uint8Array[] {
  const all: Uint8Array[] = [];
  const digest = new Uint8Array(32);
  for (let sequence = 0; sequence < count; sequence++) {
    all.push(makeFrame(undefined, { sequence, prev: digest.slice(0, 16) }));
    hasher.sha256(all.at(-1) as Uint8Array, digest, 0);
  }
  return all;
}
const [A, B, C, D] = frames(4) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];

async function verify(file: Uint8Array, piece = file.length): Promise<Judgement[]> {
  async function* pieces() {
    for (let at = 0; at < file.length; at += piece) yield file.slice(at, at + piece);
  }
  const said: Judgement[] = [];
  await verifySequence(pieces(), testRegistry, signatureChecker, (judgement) => said.push(judgement));
  return said;
}
const flip = (frame: Uint8Array, at: number) => frame.map((byte, i) => (i === at ? byte ^ 1 : byte));
const join = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts));

describe("a file of frames", () => {
  test.each<{ name: string; file: Uint8Array; said: string[] }>([
    { name: "empty", file: join(), said: [] },
    { name: "good", file: join(A, B, C, D), said: ["ok 0", "ok 1", "ok 2", "ok 3"] },
    { name: "out of order", file: join(C, A, D, B), said: ["ok 0", "ok 1", "ok 2", "ok 3"] },
    { name: "with a frame twice", file: join(A, B, A), said: ["ok 0", "ok 1", "duplicate 0"] },
    { name: "without one", file: join(A, C, D), said: ["ok 0", "broken-chain 2", "ok 3"] },
    { name: "from the middle on", file: join(B, C), said: ["ok 1", "ok 2"] },
    {
      name: "with a bit of a signature flipped",
      file: join(A, flip(B, B.length - 60), C),
      said: ["ok 0", "bad-signature 1", "broken-chain 2"],
    },
    { name: "cut short", file: join(A, B.subarray(0, 100)), said: [`ok 0`, `malformed @${A.length}+100`] },
    {
      name: "with rubbish between",
      file: join(A, new Uint8Array(5).fill(0xff), B),
      said: ["ok 0", `malformed @${A.length}+5`, "ok 1"],
    },
    { name: "of rubbish", file: join(new Uint8Array(300).fill(7)), said: ["malformed @0+300"] },
  ])("$name", async ({ file, said }) => {
    for (const piece of [file.length || 1, 1, 64]) {
      const judgements = await verify(file, piece);
      expect(
        judgements.map(({ verdict, sequence, offset, bytes }) =>
          sequence === undefined ? `${verdict} @${offset}+${bytes}` : `${verdict} ${sequence}`,
        ),
      ).toEqual(said);
      expect(judgements.every(({ ok, verdict }) => ok === (verdict === "ok"))).toBe(true);
    }
  });

  test("every byte is in one judgement", async () => {
    const file = join(A, new Uint8Array(9), B, C.subarray(0, 77));
    const judgements = await verify(file);
    expect(judgements.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(file.length);
  });

  test("a source that fails is the caller's to know", async () => {
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield A;
      throw new Error("the cable is out");
    }
    const verified = verifySequence(failing(), testRegistry, signatureChecker, () => {});
    await expect(verified).rejects.toThrow("the cable is out");
  });
});
