import { beforeAll, expect, test } from "@jest/globals";
import { hex, kidOfKey } from "../../../../agent/cose/kid.js";
import { boardBytes } from "../../../../host-sim/engines/xs/memory.js";
import { FromBoard } from "../../../../host-sim/engines/xs/messages.js";
import type { BoardCounts } from "../../../../host-sim/engines/xs/process.js";
import { writeWitnessReceipt } from "../../../../network/witness/receipt.js";
import { createSigner } from "../../../../node/ports/signer.js";
import { dayOf } from "../rv32/day.js";
import type { ReceiptBoardConfig } from "./receipt-kinds.js";
import { encodeConfig, NETWORK, type Play, runOnV8 } from "./virtual-board.js";
import { Boards, bundleScript, COMPILE_TIMEOUT, KEY, xsHost } from "./xs-host.js";

const SEED = new Uint8Array(32).fill(9);
const WITNESSES = [31, 32].map((byte) => createSigner(new Uint8Array(32).fill(byte)));
const BOARD = createSigner(KEY);
const DEVICE = kidOfKey(BOARD.publicKey, BOARD);
/** Bytes of a slot on a 32-bit board. */
const SLOT = 16;
let program: string;
let bundle: string;

beforeAll(async () => {
  [program, bundle] = await Promise.all([
    xsHost(),
    bundleScript("test/host-sim/engines/xs/receipt-board.ts"),
  ]);
}, COMPILE_TIMEOUT);

/** The first hours of a day whose frames leave by the word of so many witnesses: each speaks after every fifth frame. */
function dayWith(witnesses: number): Play & { readonly config: ReceiptBoardConfig } {
  const named = WITNESSES.slice(0, witnesses);
  const day = dayOf(4);
  const receipts = (boot: number, sequence: number) =>
    sequence % 5 === 4
      ? named.map((witness) => {
          const range = { device: DEVICE, from: { boot, sequence: 0 }, to: { boot, sequence } };
          return writeWitnessReceipt(range, NETWORK, witness);
        })
      : [];
  return {
    ...day,
    config: { ...day.config, witnessKeys: named.map(({ publicKey }) => hex(publicKey)) },
    receipts,
  };
}

interface Ram {
  /** What lives at the end, and at the fullest, in bytes of a 32-bit board. */
  readonly steady: number;
  readonly peak: number;
  /** Frames that left. */
  readonly left: number;
}

async function ramWith(witnesses: number): Promise<Ram> {
  const day = dayWith(witnesses);
  const { messages } = runOnV8(bundle, KEY, SEED, day);
  const boards = new Boards(program, bundle);
  await boards.process.ready;
  boards.process.flash(1, day.config.flash, false, new Uint8Array(0));
  const heard = boards.create(1, { seed: SEED, config: encodeConfig(day.config), stackSlots: 512 });
  for (const { uptime, kind, id, bytes } of messages) boards.process.deliver(1, uptime, kind, id, bytes);
  const counts = (await boards.process.count(1, true)).get(1) as BoardCounts;
  await boards.close();
  expect(heard.ends).toEqual([]);
  return {
    steady: SLOT * counts.slotsUsed + counts.chunksUsed,
    peak: boardBytes(counts),
    left: heard.said.filter(({ kind }) => kind === FromBoard.acknowledged).length,
  };
}

/**
 * Bytes, at most, that two witnesses cost beside the agent: what lives, and at the fullest. The goal is 1,024 (issue 17), and it is missed: the objects
 * and tables of agent/receipt are 74 slots and 500 bytes of chunks.
 */
const MOST = { steady: 1700, peak: 2300 };

test("a board that keeps its frames for two witnesses: at most 1,700 bytes more, and 2,300 at its fullest", async () => {
  const [without, withTwo] = [await ramWith(0), await ramWith(2)];
  expect(withTwo.left).toBeGreaterThan(100);
  expect(withTwo.steady - without.steady).toBeLessThanOrEqual(MOST.steady);
  expect(withTwo.peak - without.peak).toBeLessThanOrEqual(MOST.peak);
});
