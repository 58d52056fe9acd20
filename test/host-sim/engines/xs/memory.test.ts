import { beforeAll, describe, expect, test } from "@jest/globals";
import type { XsBoardConfig } from "../../../../host-sim/engines/xs/board.js";
import { DEFAULT_CREATION } from "../../../../host-sim/engines/xs/engine.js";
import { boardBytes } from "../../../../host-sim/engines/xs/memory.js";
import { FromBoard } from "../../../../host-sim/engines/xs/messages.js";
import type { BoardCounts } from "../../../../host-sim/engines/xs/process.js";
import type { Creation } from "../../../../host-sim/engines/xs/wire.js";
import { XsFleet } from "../../../support/xs-fleet.js";
import { dayOf } from "../rv32/day.js";
import { AGENT, encodeConfig, flaky, type Play, type Run, runOnV8 } from "./virtual-board.js";
import { Boards, bundleAgent, COMPILE_TIMEOUT, KEY, xsHost } from "./xs-host.js";

const SEED = new Uint8Array(32).fill(9);
let program: string;
let bundle: string;

beforeAll(async () => {
  [program, bundle] = await Promise.all([xsHost(), bundleAgent()]);
}, COMPILE_TIMEOUT);

interface Played {
  readonly ends: readonly string[];
  /** Before the message of each of these numbers, and at the end. */
  readonly counts: readonly BoardCounts[];
}

/** Plays what a board on V8 had to one on XS. */
async function play(
  run: Run,
  { config }: Play,
  limits: Partial<Creation>,
  at: readonly number[],
): Promise<Played> {
  const boards = new Boards(program, bundle);
  await boards.process.ready;
  boards.process.flash(1, config.flash, false, new Uint8Array(0));
  const heard = boards.create(1, { ...limits, seed: SEED, config: encodeConfig(config) });
  const counts: BoardCounts[] = [];
  const count = async () => {
    const found = (await boards.process.count(1, true)).get(1);
    if (found !== undefined) counts.push(found);
  };
  for (const [index, { uptime, kind, id, bytes }] of run.messages.entries()) {
    if (at.includes(index)) await count();
    boards.process.deliver(1, uptime, kind, id, bytes);
    if (index % 10_000 === 9999) await boards.process.barrier();
    heard.said.length = 0;
  }
  await count();
  await boards.close();
  return { ends: heard.ends, counts };
}

describe("RAM as on a 32-bit board, on a machine that cannot grow", () => {
  /** Together with the tables, which are as they are: less than 24 KB. */
  const MOST = 22_200;
  const LIMITS = { slots: 616, chunkBytes: 4400, stackSlots: 432, keys: 32, payloadBytes: 64 };

  test("a day of the whole agent, 2 brokers, 4 sensors, a window of 16 frames: at most 22,200 bytes", async () => {
    const day = dayOf(24);
    const run = runOnV8(bundle, KEY, SEED, day);
    expect(run.frames.length).toBeGreaterThan(2 * 1100);
    const { ends, counts } = await play(run, day, LIMITS, []);
    expect(ends).toEqual([]);
    const [end] = counts as [BoardCounts];
    const tables = 4 * (end.aliases + end.keys + end.nameModulo + end.symbolModulo);
    expect(16 * (LIMITS.slots + LIMITS.stackSlots) + LIMITS.chunkBytes + tables).toBeLessThanOrEqual(MOST);
    expect(boardBytes(end)).toBeLessThanOrEqual(MOST);
  });

  test("with a little less it ends, by name", async () => {
    const hour = dayOf(1);
    const run = runOnV8(bundle, KEY, SEED, hour);
    const ends = async (less: Partial<Creation>) => (await play(run, hour, { ...LIMITS, ...less }, [])).ends;
    expect(await ends({ slots: 500 })).toEqual([expect.stringMatching(/^slots: /)]);
    expect(await ends({ chunkBytes: 3400 })).toEqual([expect.stringMatching(/^chunks: /)]);
    expect(await ends({ stackSlots: 350 })).toEqual([expect.stringMatching(/^stack: /)]);
  });

  test("nor does a boot need more whose first frame pushes out a sector of the boot before: the deepest stack", async () => {
    const hour = dayOf(1);
    const config = { ...hour.config, flash: AGENT.flash };
    const alone: Play = { ...hour, config, brokers: { opens: () => false, takes: () => "broke" } };
    const { messages } = runOnV8(bundle, KEY, SEED, alone);
    const boards = new Boards(program, bundle);
    await boards.process.ready;
    boards.process.flash(1, config.flash, false, new Uint8Array(0));
    const peaks: number[] = [];
    let store: XsBoardConfig["store"] = {};
    for (let boot = 1; boot <= 4; boot++) {
      const heard = boards.create(1, { ...LIMITS, seed: SEED, config: encodeConfig({ ...config, store }) });
      // The first fills the journal; those after it sign a few frames.
      for (const { uptime, kind, id, bytes } of boot === 1 ? messages : messages.slice(0, 40))
        boards.process.deliver(1, uptime, kind, id, bytes);
      const counts = (await boards.process.count(1, true)).get(1);
      expect(heard.ends).toEqual([]);
      expect(heard.said.some(({ kind }) => kind === FromBoard.signed)).toBe(true);
      peaks.push(counts?.stackPeak ?? 0);
      const kept = heard.said.find(({ kind }) => kind === FromBoard.storeSet);
      store = { boot: [...(kept as NonNullable<typeof kept>).bytes] };
      boards.process.end(1);
      await boards.process.barrier();
    }
    await boards.close();
    // That they do push one out: it takes more than any other turn.
    expect(Math.max(...peaks.slice(1))).toBeGreaterThan((peaks[0] as number) + 16);
  });
});

/** Milliseconds: a minute's work, on a machine with twenty others for each processor. */
const BUSY = 3_600_000;

describe("nothing leaks", () => {
  test(
    "100,000 frames end with the memory that 1,000 frames ended with",
    async () => {
      const fleet = new XsFleet({ program, bundle, creation: DEFAULT_CREATION, boards: 1, sensors: 1 });
      await fleet.run(1000);
      const [early] = (await fleet.counts(true)) as [BoardCounts];
      await fleet.run(99_000);
      const [late] = (await fleet.counts(true)) as [BoardCounts];
      await fleet.host.close();
      expect(late.turns - early.turns).toBeGreaterThanOrEqual(4 * 99_000);
      const memory = ({ slotsUsed, chunksUsed, keysUsed, hostBytes }: BoardCounts) => ({
        slotsUsed,
        chunksUsed,
        keysUsed,
        hostBytes,
      });
      expect(memory(late)).toEqual(memory(early));
    },
    BUSY,
  );

  test("nor where links break and sensors fail", async () => {
    const played = flaky(20_000);
    const { ends, counts } = await play(
      runOnV8(bundle, KEY, SEED, played),
      played,
      DEFAULT_CREATION,
      [10_000],
    );
    expect(ends).toEqual([]);
    const [early, late] = counts as [BoardCounts, BoardCounts];
    expect(late.turns).toBeGreaterThanOrEqual(20_000);
    expect(late.collections).toBeGreaterThan(early.collections);
    expect(late.keysUsed).toBe(early.keysUsed);
    // What is acknowledged out of order, and losses that are to be declared, are more or less at any moment.
    expect(Math.abs(late.slotsUsed - early.slotsUsed)).toBeLessThanOrEqual(64);
    expect(Math.abs(late.chunksUsed - early.chunksUsed)).toBeLessThanOrEqual(512);
  });
});
