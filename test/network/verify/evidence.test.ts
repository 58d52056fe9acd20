import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import type { SubscriberHandler } from "../../../network/ports/subscription.js";
import { openVerifier } from "../../../node/network/verifier.js";
import { temporaryFolder } from "../../support/cli.js";
import { makeFrame, reading } from "../../support/frames.js";
import { testRegistry } from "../../support/judge-harness.js";

const folder = temporaryFolder();

/** Has a verifier judge frames, and ends it. */
async function verify(out: string, frames: readonly Uint8Array[]): Promise<string[]> {
  const verdicts: string[] = [];
  let handler: SubscriberHandler | undefined;
  const verifier = openVerifier({
    registry: testRegistry,
    sources: [
      (given) => {
        handler = given;
        return { broker: "memory", subscribed: true, close: async () => {} };
      },
    ],
    out,
    judged: ({ verdict }) => verdicts.push(verdict),
    state() {},
    failed(error) {
      throw error;
    },
  });
  for (const frame of frames) handler?.frame(frame, "topic");
  await verifier.close(false);
  return verdicts;
}

test("what a device signed twice for one place is beside the file, once, also after a restart", async () => {
  const out = join(folder, "kept.cborseq");
  const frame = makeFrame();
  const others = [1, 2].map((value) => makeFrame([reading("temperature", "Cel", value)]));
  expect(await verify(out, [frame])).toEqual(["ok"]);
  expect(existsSync(`${out}.evidence`)).toBe(false);
  expect(await verify(out, [...others, ...others])).toEqual(["equivocation", "equivocation"]);
  expect(await verify(out, others)).toEqual(["equivocation", "equivocation"]);
  expect(readFileSync(`${out}.evidence`)).toEqual(Buffer.concat(others));
  expect(readFileSync(out)).toEqual(Buffer.from(frame));
});
