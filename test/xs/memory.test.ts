import { beforeAll, describe, expect, test } from "@jest/globals";
import { XsFleet } from "../../bench/xs-fleet.js";
import { DEFAULT_CREATION } from "../../host-sim/xs/engine.js";
import { boardBytes } from "../../host-sim/xs/memory.js";
import type { BoardCounts } from "../../host-sim/xs/process.js";
import type { Creation } from "../../host-sim/xs/wire.js";
import { AGENT, encodeConfig, flaky, type Play, type Run, runOnV8 } from "./virtual-board.js";
import { Boards, bundleAgent, COMPILE_TIMEOUT, KEY, xsHost } from "./xs-host.js";

const SEED = new Uint8Array(32).fill(9);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
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
  /** Together with the tables, which are as they are, 24 KB. */
  const MOST = 25_000;
  const LIMITS = { slots: 640, chunkBytes: 5100, stackSlots: 448, keys: 32 };
  /** 4 sensors a minute for a day; both brokers away for two hours and, later, for twenty minutes. */
  const isAway = (uptime: number) =>
    (uptime > 3 * HOUR && uptime < 5 * HOUR) || (uptime > 12 * HOUR && uptime < 12 * HOUR + 20 * MINUTE);
  const DAY: Play = {
    config: {
      ...AGENT,
      agent: { ...AGENT.agent, uplink: { ...AGENT.agent.uplink, window: 16 } },
      // A board's journal partition: the outages fit, so that all of it is used.
      flash: { size: 256 * 1024, sectorBytes: 4096, programBytes: 4 },
      sensors: AGENT.sensors.map((sensor) => ({ ...sensor, interval: MINUTE })),
    },
    brokers: {
      opens: (uptime) => !isAway(uptime),
      takes: (uptime) => (isAway(uptime) ? "broke" : "kept"),
    },
    flakySensors: true,
    goesOn: (_, uptime) => uptime < 24 * HOUR,
  };

  test("a day of the whole agent, 2 brokers, 4 sensors, a window of 16 frames: at most 25,000 bytes", async () => {
    const run = runOnV8(bundle, KEY, SEED, DAY);
    expect(run.frames.length).toBeGreaterThan(2 * 1100);
    const { ends, counts } = await play(run, DAY, LIMITS, []);
    expect(ends).toEqual([]);
    const [end] = counts as [BoardCounts];
    const tables = 4 * (end.aliases + end.keys + end.nameModulo + end.symbolModulo);
    expect(16 * (LIMITS.slots + LIMITS.stackSlots) + LIMITS.chunkBytes + tables).toBeLessThanOrEqual(MOST);
    expect(boardBytes(end)).toBeLessThanOrEqual(MOST);
  });

  test("with a little less it ends, by name", async () => {
    const run = runOnV8(bundle, KEY, SEED, { ...DAY, goesOn: (_, uptime) => uptime < HOUR });
    const ends = async (less: Partial<Creation>) => (await play(run, DAY, { ...LIMITS, ...less }, [])).ends;
    expect(await ends({ slots: 560 })).toEqual([expect.stringMatching(/^slots: /)]);
    expect(await ends({ chunkBytes: 4000 })).toEqual([expect.stringMatching(/^chunks: /)]);
    expect(await ends({ stackSlots: 380 })).toEqual([expect.stringMatching(/^stack: /)]);
  });
});

describe("nothing leaks", () => {
  test("100,000 frames end with the memory that 1,000 frames ended with", async () => {
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
  }, 240_000);

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
