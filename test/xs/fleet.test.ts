import { beforeAll, describe, expect, test } from "@jest/globals";
import type { BoardCounts } from "../../host-sim/xs/process.js";
import { jsonLines, run } from "../support/cli.js";
import { AGENT, encodeConfig, runOnV8 } from "./virtual-board.js";
import { Boards, bundleAgent, COMPILE_TIMEOUT, KEY, xsHost } from "./xs-host.js";

interface Spread {
  readonly median: number;
  readonly max: number;
}

let program: string;

beforeAll(async () => {
  program = await xsHost();
}, COMPILE_TIMEOUT);

describe("fieldmark sim --engine xs", () => {
  test("200 boards lose nothing, and each has the memory of the others", async () => {
    const args = "--engine xs --devices 200 --links memory --interval 2s --for 6s --json --memory";
    const { code, stdout, stderr } = await run(["sim", ...args.split(" ")]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const [summary] = jsonLines(stdout) as [Record<string, unknown>];
    const { frames, memory } = summary as {
      frames: { signed: number; verified: number; lost: number; rejected: Record<string, number> };
      memory: {
        boards: number;
        slots: { used: Spread };
        chunkBytes: { used: Spread };
        boardBytes: Spread;
        residentBytes: number;
      };
    };
    expect(frames.lost).toBe(0);
    expect(frames.signed).toBeGreaterThanOrEqual(200);
    expect(frames.verified).toBe(frames.signed);
    expect(Object.values(frames.rejected).filter((count) => count > 0)).toEqual([]);
    expect(memory.boards).toBe(200);
    expect(memory.slots.used.median).toBeGreaterThan(200);
    expect(memory.slots.used.max - memory.slots.used.median).toBeLessThanOrEqual(8);
    expect(memory.boardBytes.max).toBeLessThan(40_000);
  });

  test("boards that are too small end by name: exit code 1, and no hang", async () => {
    const { code, stderr } = await run(
      "sim --engine xs --devices 3 --for 3s --slots 400 --links memory --json".split(" "),
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/3 boards ended by themselves/);
    expect(stderr.match(/slots: asked for 1 slot more than its 400/g)).toHaveLength(3);
  });
});

describe("one board", () => {
  test("after 20,000 messages to the agent it has the memory that it had after 1,000", async () => {
    const bundle = await bundleAgent();
    const seed = new Uint8Array(32).fill(9);
    const { messages } = runOnV8(bundle, KEY, seed, 20_000);
    const boards = new Boards(program, bundle);
    await boards.process.ready;
    const limits = { slots: 1000, chunkBytes: 16_384, stackSlots: 384 };
    const heard = boards.create(1, { ...limits, seed, config: encodeConfig(AGENT) });
    const counts: BoardCounts[] = [];
    for (const [at, { uptime, kind, id, bytes }] of messages.entries()) {
      boards.process.deliver(1, uptime, kind, id, bytes);
      if (at === 999 || at === 19_999)
        counts.push((await boards.process.count(1, true)).get(1) as BoardCounts);
    }
    expect(heard.ends).toEqual([]);
    const [early, late] = counts as [BoardCounts, BoardCounts];
    expect(late.turns).toBe(20_000);
    expect(late.collections).toBeGreaterThan(early.collections);
    expect(late.hostBytes).toBe(early.hostBytes);
    expect(late.keysUsed).toBe(early.keysUsed);
    expect(Math.abs(late.slotsUsed - early.slotsUsed)).toBeLessThanOrEqual(16);
    expect(Math.abs(late.chunksUsed - early.chunksUsed)).toBeLessThanOrEqual(256);
  });
});
