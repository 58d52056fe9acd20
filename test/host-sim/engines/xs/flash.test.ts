import { beforeAll, describe, expect, test } from "@jest/globals";
import type { Flash } from "../../../../agent/ports/flash.js";
import { PowerCut } from "../../../../host-sim/engines/power-cut.js";
import { BoardCall, FromBoard } from "../../../../host-sim/engines/xs/messages.js";
import type { XsSync } from "../../../../host-sim/engines/xs/sync.js";
import type { FlashShape, Reply } from "../../../../host-sim/engines/xs/wire.js";
import { createMemoryFlash } from "../../../../node/ports/flash.js";
import { describeFlash, PROGRAM_BYTES, SECTOR_BYTES, SIZE } from "../../../conformance/flash.js";
import { ACT_NAMES, type Act, ActKind, writeActs } from "./acts.js";
import { Ask } from "./flash-script.js";
import { ScriptBoard } from "./script-board.js";
import {
  Boards,
  bundleScript,
  COMPILE_TIMEOUT,
  type Heard,
  type NewBoard,
  startSync,
  xsHost,
} from "./xs-host.js";

const SHAPE: FlashShape = { size: SIZE, sectorBytes: SECTOR_BYTES, programBytes: PROGRAM_BYTES };
const LOCAL = { flash: SHAPE, isRemote: false };
const REMOTE = { flash: SHAPE, isRemote: true };
const NOTHING = new Uint8Array(0);
const MiB = 1 << 20;
let program: string;
let sync: XsSync;
let boards: Boards;
let next = 1;

beforeAll(async () => {
  program = await xsHost();
  sync = startSync(program, await bundleScript("test/host-sim/engines/xs/flash-script.ts"));
  boards = new Boards(program, writeActs());
  await boards.process.ready;
}, COMPILE_TIMEOUT);

/** What `XsBoard` does, for a flash alone. */
function answerFrom(flash: Flash) {
  return (kind: number, id: number, bytes: Buffer): Reply => {
    try {
      if (kind === BoardCall.flashRead) {
        const into = new Uint8Array(bytes.readDoubleLE());
        flash.read(id, into);
        return { bytes: into };
      }
      if (kind === BoardCall.flashProgram) flash.program(id, bytes);
      else flash.erase(id);
      return { bytes: NOTHING };
    } catch (error) {
      return error instanceof PowerCut ? "cut" : { error: error as Error };
    }
  };
}

describeFlash("xs-host's own", () => {
  const number = next++;
  sync.flash(number, SHAPE, false, NOTHING);
  const board = new ScriptBoard(sync, number, LOCAL);
  return { open: () => board.boot(), close: () => sync.end(number) };
});

describeFlash("Node's, by synchronous calls", () => {
  const number = next++;
  const board = new ScriptBoard(sync, number, REMOTE, answerFrom(createMemoryFlash(SHAPE)));
  return { open: () => board.boot(), close: () => sync.end(number) };
});

describe("a flash of xs-host's own", () => {
  const contentOf = (flash: Flash) => {
    const bytes = new Uint8Array(flash.size);
    flash.read(0, bytes);
    return bytes;
  };

  test("starts with what it is given, and is erased beyond", () => {
    sync.flash(100, SHAPE, false, new Uint8Array(1500).fill(7));
    const expected = new Uint8Array(SIZE).fill(0xff).fill(7, 0, 1500);
    expect(contentOf(new ScriptBoard(sync, 100, LOCAL))).toEqual(expected);
  });

  test("stays when its board ends, by Node's wish or by itself, and goes with flash-drop", () => {
    sync.flash(101, SHAPE, false, NOTHING);
    new ScriptBoard(sync, 101, LOCAL).program(8, Uint8Array.of(1, 2, 3, 4));
    sync.end(101);
    const second = new ScriptBoard(sync, 101, { ...LOCAL, readAtBoot: 10 });
    expect([...second.ask(Ask.boot)]).toEqual([...Array(8).fill(0xff), 1, 2]);
    expect(() => second.read(0, new Uint8Array(SIZE + 1))).toThrow(RangeError);
    sync.end(101);
    sync.dropFlash(101);
    const third = new ScriptBoard(sync, 101, LOCAL);
    expect(third.ends).toEqual(["exception: Error: this board has no flash"]);
  });

  test("another in its place is the next board's", () => {
    sync.flash(102, SHAPE, false, new Uint8Array(SIZE));
    sync.flash(102, { size: 256, sectorBytes: 64, programBytes: 1 }, false, Uint8Array.of(5));
    const flash = new ScriptBoard(sync, 102, {
      isRemote: false,
      flash: { size: 256, sectorBytes: 64, programBytes: 1 },
    });
    flash.program(3, Uint8Array.of(6));
    expect([...contentOf(flash).subarray(0, 5)]).toEqual([5, 0xff, 0xff, 6, 0xff]);
  });

  test.each<[string, FlashShape, Uint8Array, RegExp]>([
    ["no bytes", { ...SHAPE, size: 0 }, NOTHING, /flash: no such geometry/],
    ["no whole sectors", { ...SHAPE, size: SIZE - 1 }, NOTHING, /flash: no such geometry/],
    ["sectors of no bytes", { ...SHAPE, sectorBytes: 0 }, NOTHING, /flash: no such geometry/],
    ["pieces of no bytes", { ...SHAPE, programBytes: 0 }, NOTHING, /flash: no such geometry/],
    ["pieces of 33 bytes", { size: 3300, sectorBytes: 33, programBytes: 33 }, NOTHING, /no such geometry/],
    ["a sector of no whole pieces", { ...SHAPE, programBytes: 3 }, NOTHING, /flash: no such geometry/],
    ["more than 16 MiB", { ...SHAPE, size: 32 * MiB }, NOTHING, /flash: no such geometry/],
    ["all 32 bits", { size: 2 ** 32 - 1, sectorBytes: 2 ** 32 - 1, programBytes: 1 }, NOTHING, /no such/],
    ["more content than room", SHAPE, new Uint8Array(SIZE + 1), /flash: more content than it has room for/],
    [
      "more content than a frame",
      { ...SHAPE, size: 2 * MiB },
      new Uint8Array(MiB),
      /^content: at most a frame/,
    ],
  ])("%s is refused", (_name, shape, content, why) => {
    expect(() => sync.flash(103, shape, false, content)).toThrow(why);
    expect(() => sync.dropFlash(103)).toThrow(/flash-drop: no such flash/);
  });

  test("16 MiB is not too much, and neither is a frame's worth of content", () => {
    const shape = { size: 16 * MiB, sectorBytes: 65_536, programBytes: 32 };
    sync.flash(104, shape, false, new Uint8Array(MiB - 18).fill(1));
    const flash = new ScriptBoard(sync, 104, { flash: shape, isRemote: false });
    flash.erase(15 * MiB);
    const bytes = new Uint8Array(4);
    flash.read(MiB - 20, bytes);
    expect([...bytes]).toEqual([1, 1, 0xff, 0xff]);
  });

  test("a board that runs keeps its own", () => {
    sync.flash(105, SHAPE, false, NOTHING);
    const board = new ScriptBoard(sync, 105, LOCAL);
    expect(() => sync.flash(105, SHAPE, false, NOTHING)).toThrow(/flash: the board runs/);
    expect(() => sync.dropFlash(105)).toThrow(/flash-drop: the board runs/);
    board.program(0, Uint8Array.of(1, 2, 3, 4));
    expect(contentOf(board).subarray(0, 4)).toEqual(Uint8Array.of(1, 2, 3, 4));
  });

  test("takes memory for what is not erased, in steps", () => {
    const bytes = () => sync.count(106, false).get(106)?.flashBytes;
    sync.flash(106, SHAPE, false, new Uint8Array(2 * SECTOR_BYTES).fill(0xff));
    const board = new ScriptBoard(sync, 106, LOCAL);
    expect(bytes()).toBe(0);
    const steps: [number, Uint8Array, number][] = [
      [0, new Uint8Array(4), 512],
      [508, new Uint8Array(4), 512],
      [512, new Uint8Array(4), 1024],
      [SECTOR_BYTES, new Uint8Array(512).fill(0xff), 1024],
      [SECTOR_BYTES, new Uint8Array(512).fill(0xff).fill(0, 0, 1), 1536],
    ];
    for (const [address, data, expected] of steps) {
      board.program(address, data);
      expect([address, bytes()]).toEqual([address, expected]);
    }
    board.erase(0);
    expect(bytes()).toBe(512);
  });

  test("mirrored: every change is told, with its bytes, and nothing else is", () => {
    sync.flash(107, SHAPE, true, Uint8Array.of(1));
    const board = new ScriptBoard(sync, 107, LOCAL);
    board.program(8, Uint8Array.of(1, 2, 3, 4));
    board.read(0, new Uint8Array(8));
    board.erase(SECTOR_BYTES);
    expect(() => board.program(2, new Uint8Array(4))).toThrow(RangeError);
    expect(() => board.erase(1)).toThrow(RangeError);
    expect(board.changes).toEqual([
      { change: "programmed", address: 8, bytes: [1, 2, 3, 4] },
      { change: "erased", address: SECTOR_BYTES, bytes: [] },
    ]);
  });
});

describe("acts on a flash, beside other boards", () => {
  async function act(
    name: Act,
    { isMirrored = false, ...options }: NewBoard & { isMirrored?: boolean } = {},
  ) {
    const number = next++;
    boards.process.flash(number, SHAPE, isMirrored, NOTHING);
    const heard: Heard = boards.create(number, options);
    const again = () => boards.process.deliver(number, 1, ActKind.act, ACT_NAMES.indexOf(name));
    again();
    await boards.process.barrier();
    return { number, heard, again };
  }
  const values = ({ said }: Heard) => said.map(({ id }) => id);

  test("arguments that no flash takes: an exception each, and nothing changes", async () => {
    const { heard } = await act("flashArguments", { chunkBytes: 40_000 });
    expect(heard.ends).toEqual([]);
    // Not a number is no address, and neither is a text that is none.
    expect(values(heard)).toEqual([12 * 3 + 6 * 100 + 14 * 10_000, 0]);
  });

  test("a board without a flash gets exceptions", async () => {
    const heard = boards.create(next);
    boards.process.deliver(next++, 1, ActKind.act, ACT_NAMES.indexOf("flashNone"));
    await boards.process.barrier();
    expect([values(heard), heard.ends]).toEqual([[3], []]);
  });

  test("reading into the memory that all boards share ends the board", async () => {
    const { heard } = await act("flashShared");
    expect(heard.ends).toEqual([expect.stringMatching(/^flash-write: wrote to flash/)]);
  });

  test("the content outlives ends by all sorts of causes", async () => {
    const { number, heard, again } = await act("flashCount");
    again();
    boards.process.deliver(number, 1, ActKind.act, ACT_NAMES.indexOf("throwError"));
    await boards.process.barrier();
    expect(values(heard)).toEqual([254, 253]);
    expect(heard.ends).toHaveLength(1);
    const second = boards.create(number);
    again();
    boards.process.end(number);
    const third = boards.create(number);
    again();
    await boards.process.barrier();
    expect([values(second), values(third)]).toEqual([[], [251]]);
  });

  test("two boards have two flashes", async () => {
    const [first, second] = [await act("flashCount"), await act("flashCount")];
    first.again();
    await boards.process.barrier();
    expect([values(first.heard), values(second.heard)]).toEqual([[254, 253], [254]]);
  });

  test("mirrored: a change is told before what is sent after it", async () => {
    const { heard, again } = await act("flashCount", { isMirrored: true });
    again();
    await boards.process.barrier();
    expect(heard.flashed).toEqual([
      "erased 0 0: 0",
      "programmed 0 4: 0",
      "erased 0 0: 1",
      "programmed 0 4: 1",
    ]);
  });

  test("mirrored: what is told counts as output, so that a loop ends", async () => {
    const { heard } = await act("flashWear", { isMirrored: true });
    expect(heard.ends).toEqual([expect.stringMatching(/^output: /)]);
  });

  test("not mirrored, the same loop is a computation", async () => {
    const { heard } = await act("flashWear", { computrons: 200_000 });
    expect(heard.ends).toEqual([expect.stringMatching(/^computation: /)]);
  });

  test("a call, of a board whose Node is not synchronous, is an exception", async () => {
    const { heard } = await act("call");
    expect(heard.ends).toEqual([expect.stringMatching(/^exception: .*was not created for it/)]);
  });
});

describe("a flash and a store in Node", () => {
  /** Cuts the power at the operation of this number, from 1. */
  class CutFlash implements Flash {
    readonly #inner = createMemoryFlash(SHAPE);
    readonly size = SIZE;
    readonly sectorBytes = SECTOR_BYTES;
    readonly programBytes = PROGRAM_BYTES;
    left = Number.POSITIVE_INFINITY;
    read(address: number, into: Uint8Array): void {
      this.#count();
      this.#inner.read(address, into);
    }
    program(address: number, data: Uint8Array): void {
      this.#count();
      this.#inner.program(address, data);
    }
    erase(address: number): void {
      this.#count();
      this.#inner.erase(address);
    }
    #count(): void {
      if (--this.left <= 0) throw new PowerCut();
    }
  }

  test.each<[string, (board: ScriptBoard) => void]>([
    ["read", (board) => board.read(0, new Uint8Array(4))],
    ["program", (board) => board.program(0, new Uint8Array(4))],
    ["erase", (board) => board.erase(0)],
  ])("a cut inside %s ends the board at once, by name; the next one goes on", (_name, use) => {
    const number = next++;
    const flash = new CutFlash();
    const board = new ScriptBoard(sync, number, REMOTE, answerFrom(flash));
    use(board);
    flash.left = 1;
    expect(() => use(board)).toThrow(/no answer: power-cut: the power was cut/);
    expect(() => use(board)).toThrow(/no answer/);
    flash.left = Number.POSITIVE_INFINITY;
    const second = new ScriptBoard(sync, number, REMOTE, answerFrom(flash));
    use(second);
    expect([board.ends, second.ends]).toEqual([["power-cut: the power was cut"], []]);
  });

  test("at boot: calls are answered, and a cut ends the board before it has begun", () => {
    const flash = new CutFlash();
    flash.program(0, Uint8Array.of(9, 8, 7, 6));
    const script = { ...REMOTE, readAtBoot: 4 };
    expect([...new ScriptBoard(sync, next++, script, answerFrom(flash)).ask(Ask.boot)]).toEqual([9, 8, 7, 6]);
    flash.left = 1;
    expect(new ScriptBoard(sync, next++, script, answerFrom(flash)).ends).toEqual([
      "power-cut: the power was cut",
    ]);
  });

  test("what Node throws, the script catches: its kind, and as much of its text as an exception has", () => {
    let error: Error = new RangeError("address: too far");
    const board = new ScriptBoard(sync, next++, { ...REMOTE, readAtBoot: 0 }, (kind, _id, bytes) =>
      kind === BoardCall.flashRead && bytes.readDoubleLE() === 0 ? { bytes: NOTHING } : { error },
    );
    expect(() => board.erase(0)).toThrow(new RangeError("address: too far"));
    error = new Error(`déjà ${"x".repeat(300)}`);
    expect(() => board.erase(0)).toThrow(new Error(`d??j?? ${"x".repeat(112)}`));
    expect(board.ends).toEqual([]);
  });

  test("an answer longer than what was asked for is an exception", () => {
    let answer = NOTHING;
    const board = new ScriptBoard(sync, next++, REMOTE, () => ({ bytes: answer }));
    answer = new Uint8Array(5);
    expect(() => board.read(0, new Uint8Array(4))).toThrow(/an answer of 5 bytes, room for 4/);
    expect(() => board.erase(0)).toThrow(/an answer of 5 bytes, room for 0/);
  });

  test("the store: a value is Node's before set returns; a failure leaves the old one; a cut ends the board", () => {
    const stored: string[] = [];
    const replies: Reply[] = [];
    const board = new ScriptBoard(sync, next++, REMOTE, (kind, id, bytes) => {
      if (kind === BoardCall.flashRead) return { bytes: NOTHING };
      stored.push(`${kind} ${id} ${bytes.toString()}`);
      return replies.shift() ?? { bytes: NOTHING };
    });
    board.ask(Ask.set, Buffer.from("one"));
    expect(stored).toEqual([`${FromBoard.storeSet} 0 one`]);
    replies.push({ error: new Error("full") }, "cut");
    expect(() => board.ask(Ask.set, Buffer.from("two"))).toThrow(/^full$/);
    expect(Buffer.from(board.ask(Ask.get)).toString()).toBe("one");
    expect(() => board.ask(Ask.set, Buffer.from("three"))).toThrow(/power-cut/);
    expect(board.ends).toEqual(["power-cut: the power was cut"]);
  });
});
