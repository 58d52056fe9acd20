import { beforeAll, expect, test } from "@jest/globals";
import { createFrameChecker } from "../../../../agent/frame/check.js";
import { FromBoard } from "../../../../host-sim/engines/xs/messages.js";
import { createSigner, signatureChecker } from "../../../../node/ports/signer.js";
import { AGENT, encodeConfig, flaky, line, NETWORK, type Run, runOnV8 } from "./virtual-board.js";
import { Boards, bundleAgent, COMPILE_TIMEOUT, KEY, xsHost } from "./xs-host.js";

const SEED = new Uint8Array(32).fill(9);
let program: string;
let bundle: string;
let v8: Run;

beforeAll(async () => {
  [program, bundle] = await Promise.all([xsHost(), bundleAgent()]);
  v8 = runOnV8(bundle, KEY, SEED, flaky(4000));
}, COMPILE_TIMEOUT);

/** What the board on XS says to the messages that the one on V8 had. */
async function playOnXs(seed: Uint8Array): Promise<string[]> {
  const boards = new Boards(program, bundle);
  await boards.process.ready;
  boards.process.flash(1, AGENT.flash, false, new Uint8Array(0));
  const heard = boards.create(1, {
    seed,
    config: encodeConfig(AGENT),
    slots: 3000,
    stackSlots: 600,
    chunkBytes: 40_000,
  });
  for (const { uptime, kind, id, bytes } of v8.messages) boards.process.deliver(1, uptime, kind, id, bytes);
  await boards.process.barrier();
  await boards.close();
  expect(heard.ends).toEqual([]);
  return heard.said.map(({ kind, id, bytes }) => line(kind, id, bytes));
}

test("the agent says the same on both engines, byte for byte", async () => {
  const xs = await playOnXs(SEED);
  const differs = v8.said.findIndex((said, at) => said !== xs[at]);
  expect({ differs, v8: v8.said[differs], xs: xs[differs] }).toEqual({ differs: -1 });
  expect(xs).toHaveLength(v8.said.length);
});

test("the agent's own errors have their names, though the engine's objects are frozen", async () => {
  const boards = new Boards(program, bundle);
  await boards.process.ready;
  const config = encodeConfig({ ...AGENT, store: { boot: [0xff] } });
  const heard = boards.create(1, { config, slots: 3000, stackSlots: 600, chunkBytes: 40_000 });
  await boards.process.barrier();
  await boards.close();
  expect(heard.ends).toEqual([expect.stringMatching(/^exception: CborError: .*reserved at byte 0/)]);
});

test("other dice show", async () => {
  expect(await playOnXs(new Uint8Array(32).fill(8))).not.toEqual(v8.said);
});

test("all of the agent took part: frames that verify, links that open and break, sensors that fail", () => {
  const { publicKey } = createSigner(KEY);
  const checker = createFrameChecker({ network: NETWORK, publicKey: () => publicKey }, signatureChecker);
  const flaws = v8.frames.map((frame) => checker.check(frame)).filter((result) => "failure" in result);
  expect(flaws).toEqual([]);
  expect(v8.frames.length).toBeGreaterThan(200);
  const { timerClear, topic, linkClose, storeDelete, storageFailed, sectorFailed, ...usual } = FromBoard;
  const kinds = new Set(v8.said.map((said) => Number(said.split(" ")[0])));
  for (const [name, kind] of Object.entries(usual)) expect([name, kinds.has(kind)]).toEqual([name, true]);
  expect([storageFailed, sectorFailed].filter((kind) => kinds.has(kind))).toEqual([]);
});
