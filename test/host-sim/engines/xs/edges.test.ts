import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { buildXsHost } from "../../../../host-sim/engines/xs/build.js";
import type { EndReason } from "../../../../host-sim/engines/xs/wire.js";
import { signatureChecker } from "../../../../node/ports/signer.js";
import { temporaryFolder } from "../../../support/cli.js";
import { ACT_NAMES, type Act, ActKind, Said, writeActs } from "./acts.js";
import { Boards, COMPILE_TIMEOUT, type Heard, type NewBoard, ROOT, xsHost } from "./xs-host.js";

const CONTROL = 0;
let program: string;
let boards: Boards;
let control: Heard;
let next = 1;

beforeAll(async () => {
  program = await xsHost();
  boards = new Boards(program, writeActs());
  await boards.process.ready;
  control = boards.create(CONTROL);
}, COMPILE_TIMEOUT);

/** One act on a board of its own; then the control board, in the same process, has to answer. */
async function act(name: Act, options: NewBoard = {}): Promise<Heard> {
  const board = next++;
  control.said.length = 0;
  const heard = boards.create(board, options);
  boards.process.deliver(board, 1234.5, ActKind.act, ACT_NAMES.indexOf(name), Buffer.from("hello"));
  boards.process.deliver(CONTROL, 1, ActKind.echo, 99, Buffer.from("control"));
  await boards.process.barrier();
  expect(boards.failure).toBeUndefined();
  expect(control.said.map(({ bytes }) => bytes.toString())).toEqual(["control"]);
  expect(control.ends).toEqual([]);
  return heard;
}

describe("a board that does this ends alone, by name", () => {
  const deep = { stackSlots: 60_000, slots: 60_000, chunkBytes: 8_000_000, computrons: 4e9 };
  test.each<[Act, EndReason, RegExp, NewBoard?]>([
    ["slots", "slots", /more than its 1024/],
    ["slotList", "slots", /more than its 1024/],
    ["chunks", "chunks", /of its 16384/],
    ["bigChunk", "chunks", /chunk of 100000000 bytes/],
    ["chunkOver", "chunks", /more than the 16384/],
    ["string", "chunks", /chunk of \d+ bytes/],
    ["stringGrow", "chunks", /chunk of \d+ bytes/],
    ["stack", "stack", /more than its 256/],
    ["nativeParse", "stack", /more than its 256/],
    ["nativeJson", "stack", /more than its 256/],
    ["nativeSort", "stack", /more than its 256/],
    ["nativeSort", "native-stack", /too deep/, deep],
    ["nativeToString", "native-stack", /too deep/, deep],
    ["nativeRegexp", "exception", /invalid regular expression/],
    ["regexpBack", "computation", /20000000 computrons/],
    ["loop", "computation", /20000000 computrons/],
    ["loopPromise", "slots", /1024/],
    ["loopNative", "time", /stuck/],
    ["throwError", "exception", /TypeError: in receive$/],
    ["throwObject", "exception", /cannot be told/],
    ["throwNull", "exception", /null$/],
    ["throwFull", "slots", /1024/],
    ["frozenWrite", "exception", /TypeError/],
    ["flashBytes", "flash-write", /wrote to flash/],
    ["flashMapSet", "flash-write", /wrote to flash/],
    ["flashSign", "flash-write", /wrote to flash/],
    ["flashRandom", "flash-write", /wrote to flash/],
    ["keys", "keys", /more than its 32/],
    ["symbols", "keys", /more than its 32/],
    ["reject", "rejection", /nobody listens/],
    ["asyncThrow", "rejection", /after await/],
    ["evaluate", "no-parser", /parser/],
    ["makeFunction", "no-parser", /parser/],
    ["output", "output", /256 KiB in a turn/],
  ])("%s: %s", async (name, reason, detail, limits = {}) => {
    const { ends } = await act(name, limits);
    expect(ends).toHaveLength(1);
    expect(ends[0]).toMatch(new RegExp(`^${reason}: `));
    expect(ends[0]).toMatch(detail);
  });

  test.each<[Act]>([["nativeJson"], ["nativeProxy"]])("%s with much memory lives", async (name) => {
    expect((await act(name, deep)).ends).toEqual([]);
  });

  test("a throw at boot", async () => {
    const heard = boards.create(next++, { config: Buffer.from("throw") });
    await boards.process.barrier();
    expect(heard.ends).toEqual(["exception: Error: at boot"]);
  });

  test("its number is free for the next board", async () => {
    const board = next++;
    const first = boards.create(board, { config: Buffer.from("throw") });
    await boards.process.barrier();
    const second = boards.create(board);
    boards.process.deliver(board, 0, ActKind.echo, 5);
    await boards.process.barrier();
    expect([first.ends.length, second.ends.length, second.said.length]).toEqual([1, 0, 1]);
  });
});

describe("what boards do, each has of its own", () => {
  test.each<[Act, number]>([
    ["sharedWrite", 1],
    ["sharedArray", 4],
    ["counter", 1],
    ["prototype", 1],
    ["prototypeLook", 0],
    ["globalWrite", 7],
    ["globalRead", 7],
    ["rejectHandled", 1],
    ["badArguments", 18],
    ["now", 2468.5],
  ])("%s on two boards", async (name, value) => {
    for (let i = 0; i < 2; i++) {
      const { said, ends } = await act(name);
      expect(ends).toEqual([]);
      expect(said.map(({ id }) => id)).toEqual([value]);
    }
  });

  test("the same seed makes the same dice", async () => {
    const roll = async (fill: number) =>
      (await act("mathRandom", { seed: new Uint8Array(32).fill(fill) })).said[0]?.id;
    const [first, again, other] = [await roll(1), await roll(1), await roll(2)];
    expect(first).toBeLessThan(1);
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });

  test("signatures are libsecp256k1's", async () => {
    const { said } = await act("sign");
    const [signed, hashed] = said;
    const digest = createHash("sha256").update("abc").digest();
    expect(hashed?.bytes).toEqual(digest);
    expect(said.map(({ kind }) => kind)).toEqual([Said.signature, Said.digest]);
    const bytes = Uint8Array.from(signed?.bytes ?? []);
    expect(signatureChecker.verify(bytes.subarray(0, 64), new Uint8Array(digest), bytes.subarray(64))).toBe(
      true,
    );
  });

  test("a message longer than the board's buffer is a new array, shorter ones share it", async () => {
    const board = next++;
    const heard = boards.create(board, { payloadBytes: 16, chunkBytes: 4096 });
    const messages = [1, 16, 17, 1000, 3, 16].map((length) => Buffer.alloc(length, length));
    for (const message of messages) boards.process.deliver(board, 0, ActKind.echo, 0, message);
    await boards.process.barrier();
    expect(heard.said.map(({ bytes }) => bytes)).toEqual(messages);
  });
});

test("chunks are counted as on a 32-bit board", async () => {
  const board = next++;
  boards.create(board);
  const used = async () => (await boards.process.count(board, true)).get(board)?.chunksUsed ?? 0;
  const before = await used();
  boards.process.deliver(board, 0, ActKind.act, ACT_NAMES.indexOf("keep"));
  // A header of 8 bytes each, and lengths to the next 8 (4 on a board); of the array, three slots of 16 bytes.
  expect((await used()) - before).toBe(8 + 64 + (8 + 104) + (8 + 8) + (8 + 3 * 16));
});

describe("what ends the whole process", () => {
  test("a bundle that throws, which xs-host names", async () => {
    const bundle = join(temporaryFolder(), "bad.js");
    writeFileSync(bundle, "globalThis.boot = () => {};\nnull.x;");
    const bad = new Boards(program, bundle);
    await expect(bad.process.ready).rejects.toThrow("exit code 1");
    expect(bad.failure?.message).toMatch("exit code 1");
  });

  test("a bundle whose top level does not end: after some seconds of processor time, by name", async () => {
    const bundle = join(temporaryFolder(), "endless.js");
    writeFileSync(bundle, "for (;;);");
    const child = spawn(program, [bundle], { stdio: ["pipe", "ignore", "pipe"] });
    let said = "";
    child.stderr.on("data", (chunk) => {
      said += chunk;
    });
    const code = await new Promise((resolve) => child.once("close", resolve));
    expect({ code, said }).toEqual({ code: 1, said: expect.stringContaining("top level does not end") });
  });

  test("not a signal to its process group: that is for Node to answer", async () => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
      process.kill(boards.process.pid as number, signal);
    await boards.process.barrier();
    expect(boards.failure).toBeUndefined();
  });

  test("no compiler: the message says what to install", async () => {
    const compiler = process.env.CC;
    process.env.CC = join(temporaryFolder(), "no-such-compiler");
    try {
      await expect(buildXsHost({ root: ROOT, progress: () => {} })).rejects.toThrow(
        /need a C compiler.*apt-get install gcc.*--engine node/,
      );
    } finally {
      if (compiler === undefined) delete process.env.CC;
      else process.env.CC = compiler;
    }
  });
});
