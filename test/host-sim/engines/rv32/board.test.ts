import { beforeAll, describe, expect, test } from "@jest/globals";
import type { Counters } from "../../../../host-sim/engines/rv32/counters.js";
import type { BoardCounts } from "../../../../host-sim/engines/xs/process.js";
import type { Creation } from "../../../../host-sim/engines/xs/wire.js";
import { encodeConfig, flaky, line, type Play, type Run, runOnV8 } from "../xs/virtual-board.js";
import { bundleAgent, COMPILE_TIMEOUT, KEY } from "../xs/xs-host.js";
import { dayOf } from "./day.js";
import { BOARD, Emulated, emulatedImage, SIZE } from "./emulated.js";

const SEED = new Uint8Array(32).fill(9);
/** Messages from one look at what the board says to the next: it need not be waited for. */
const BATCH = 500;
const ROOMY = { slots: 1000, chunkBytes: 8000, stackSlots: 480, keys: 32 };
let bundle: string;

beforeAll(async () => {
  bundle = await bundleAgent();
  await emulatedImage(bundle);
}, COMPILE_TIMEOUT);

interface Played {
  /** The number of the first message in which it differs from the board on V8; undefined: none. */
  readonly differs: number | undefined;
  readonly said: number;
  readonly ends: readonly string[];
  readonly counters: Counters | undefined;
  readonly counts: BoardCounts | undefined;
}

interface PlayOptions {
  readonly limits?: Partial<Creation>;
  readonly size?: typeof SIZE;
  readonly seed?: Uint8Array;
  readonly isCounted?: boolean;
}

/** Plays what a board on V8 had to one on an emulated chip. */
async function play(
  run: Run,
  { config }: Play,
  { limits = ROOMY, size = SIZE, seed = SEED, isCounted = false }: PlayOptions = {},
): Promise<Played> {
  const machine = new Emulated(await emulatedImage(bundle, size), { isCounted });
  const { host } = machine;
  host.flash(BOARD, config.flash, false, new Uint8Array(0));
  const heard = machine.create({ ...limits, seed, config: encodeConfig(config) });
  let said = 0;
  let differs: number | undefined;
  const compare = async () => {
    await host.barrier();
    for (const { kind, id, bytes } of heard.said.splice(0)) {
      if (line(kind, id, bytes) !== run.said[said]) differs ??= said;
      said++;
    }
  };
  for (const [index, { uptime, kind, id, bytes }] of run.messages.entries()) {
    host.deliver(BOARD, uptime, kind, id, bytes);
    if (index % BATCH === BATCH - 1) await compare();
    if (heard.ends.length > 0) break;
  }
  await compare();
  const [counters, counts] = [await host.counters(BOARD), await host.count(BOARD, true)];
  await host.close();
  return { differs, said, ends: heard.ends, counters, counts };
}

describe("the agent on RV32IMC", () => {
  const played = flaky(1500);

  test("says what it says on V8, byte for byte", async () => {
    const run = runOnV8(bundle, KEY, SEED, played);
    expect(run.frames.length).toBeGreaterThan(80);
    const { differs, said, ends } = await play(run, played);
    expect({ differs, said, ends }).toEqual({ differs: undefined, said: run.said.length, ends: [] });
  });

  test("other dice show", async () => {
    const run = runOnV8(bundle, KEY, SEED, flaky(100));
    expect((await play(run, played, { seed: new Uint8Array(32).fill(8) })).differs).toBeDefined();
  });

  test("counts the same instructions each time", async () => {
    const run = runOnV8(bundle, KEY, SEED, flaky(40));
    const count = async () => {
      const { counters } = await play(run, played, { isCounted: true });
      const { script, sign, hash, flash } = counters as Counters;
      return { script, sign, hash, flash };
    };
    const first = await count();
    expect(first.sign).toBeGreaterThan(1_000_000);
    expect(await count()).toEqual(first);
  });
});

describe("RAM", () => {
  /** The machine's parts, as small as a day lets them be, with a little to spare. */
  const limits = { slots: 592, chunkBytes: 4400, stackSlots: 400, keys: 32, payloadBytes: 64 };
  const stackBytes = 5632;

  test("a day of the whole board, all stacks, tables, variables and the signer included, in 34 KB", async () => {
    const day = dayOf(24);
    const run = runOnV8(bundle, KEY, SEED, day);
    expect(run.frames.length).toBeGreaterThan(2 * 1100);
    const size = { ramBytes: 34 * 1024, stackBytes };
    const { differs, said, ends } = await play(run, day, { limits, size });
    expect({ differs, said, ends }).toEqual({ differs: undefined, said: run.said.length, ends: [] });
  });

  test.each<[string, Partial<Creation>, typeof SIZE, RegExp]>([
    ["RAM", limits, { ramBytes: 30 * 1024, stackBytes }, /^host-memory: asked for \d+ bytes more/],
    ["slots", { ...limits, slots: 500 }, SIZE, /^slots: /],
    ["chunks", { ...limits, chunkBytes: 3600 }, SIZE, /^chunks: /],
    ["stack slots", { ...limits, stackSlots: 340 }, SIZE, /^stack: /],
    ["C stack", limits, { ...SIZE, stackBytes: 4096 }, /^native-stack: /],
  ])("with less of it the board ends, by name: %s", async (_, less, size, reason) => {
    const hour = dayOf(1);
    const { ends } = await play(runOnV8(bundle, KEY, SEED, hour), hour, { limits: less, size });
    expect(ends).toEqual([expect.stringMatching(reason)]);
  });

  test("less than its variables and stack take is no image", async () => {
    const image = emulatedImage(bundle, { ramBytes: 8192, stackBytes });
    await expect(image).rejects.toThrow("RAM is too small for its stack and variables");
  });
});
