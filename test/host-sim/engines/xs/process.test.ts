import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { ALL_BOARDS } from "../../../../host-sim/engines/xs/wire.js";
import { ACT_NAMES, type Act, ActKind, writeActs } from "./acts.js";
import { Boards, COMPILE_TIMEOUT, xsHost } from "./xs-host.js";

let program: string;
let boards: Boards;

beforeAll(async () => {
  program = await xsHost();
  boards = new Boards(program, writeActs());
  await boards.process.ready;
}, COMPILE_TIMEOUT);

const echo = (board: number, id: number) => boards.process.deliver(board, 0, ActKind.echo, id);
const act = (board: number, name: Act) =>
  boards.process.deliver(board, 0, ActKind.act, ACT_NAMES.indexOf(name));

describe("end", () => {
  test("the board is gone, the others are not, and its number is free at once", async () => {
    const [first, other] = [boards.create(1), boards.create(2)];
    echo(1, 10);
    await boards.process.barrier();
    expect([...(await boards.process.count(ALL_BOARDS, false)).keys()].sort()).toEqual([1, 2]);
    echo(1, 11); // under way when the board is told to end
    boards.process.end(1);
    expect([...(await boards.process.count(ALL_BOARDS, false)).keys()]).toEqual([2]);
    echo(1, 12);
    echo(2, 13);
    await boards.process.barrier();
    expect(first.said.map(({ id }) => id)).toEqual([10]);
    expect(first.ends).toEqual([]);
    expect(other.said.map(({ id }) => id)).toEqual([13]);
    const again = [14, 15, 16].map((id) => {
      const heard = boards.create(1);
      echo(1, id);
      if (id < 16) boards.process.end(1);
      return heard;
    });
    await boards.process.barrier();
    expect(again.map(({ said, ends }) => [said.map(({ id }) => id), ends])).toEqual([
      [[], []],
      [[], []],
      [[16], []],
    ]);
    boards.process.end(1);
    boards.process.end(2);
    boards.process.end(3); // never was
    expect(await boards.process.count(ALL_BOARDS, false)).toEqual(new Map());
    expect(boards.failure).toBeUndefined();
  });

  test("a board that ends by itself before it hears: the next with its number hears nothing of it", async () => {
    const first = boards.create(1);
    act(1, "throwError");
    boards.process.end(1);
    const second = boards.create(1);
    echo(1, 17);
    await boards.process.barrier();
    expect(first.ends).toEqual([]);
    expect([second.said.map(({ id }) => id), second.ends]).toEqual([[17], []]);
    act(1, "throwError");
    await boards.process.barrier();
    expect(second.ends).toEqual(["exception: TypeError: in receive"]);
    boards.process.end(1);
    await boards.process.barrier();
    expect(boards.failure).toBeUndefined();
  });

  test("its key is nowhere in xs-host any more", async () => {
    const pid = boards.process.pid as number;
    const key = Buffer.from("4b65792074686174206e6f626f647920656c73652068617320696e206d656d6f", "hex");
    boards.create(4, { key });
    await boards.process.barrier();
    expect(timesInMemory(pid, key)).toBe(1);
    boards.process.end(4);
    await boards.process.barrier();
    expect(timesInMemory(pid, key)).toBe(0);
  });
});

test("counts that are asked for at the same time do not mix", async () => {
  for (const board of [5, 6, 7]) boards.create(board);
  const counts = [5, ALL_BOARDS, 6, 99, 7].map((board) => boards.process.count(board, false));
  const found = (await Promise.all(counts)).map((each) => [...each.keys()].sort());
  expect(found).toEqual([[5], [5, 6, 7], [6], [], [7]]);
});

test("boards with stacks of different depths take turns on the one stack", async () => {
  const small = boards.create(8, { stackSlots: 128 });
  const large = boards.create(9, { stackSlots: 512 });
  for (let round = 0; round < 3; round++)
    for (const board of [8, 9]) {
      act(board, board === 9 ? "deep" : "counter");
      act(board, "globalCount");
    }
  await boards.process.barrier();
  expect(small.said.map(({ id }) => id)).toEqual([1, 1, 2, 2, 3, 3]);
  expect(large.said.map(({ id }) => id)).toEqual([30, 1, 30, 2, 30, 3]);
  const peak = async (board: number) => (await boards.process.count(board, true)).get(board)?.stackPeak;
  expect(await peak(8)).toBeLessThan(128);
  expect(await peak(9)).toBeGreaterThan(128);
  act(8, "deep");
  echo(9, 18);
  await boards.process.barrier();
  expect(small.ends).toEqual(["stack: asked for more than its 128 stack slots"]);
  expect(large.said.at(-1)?.id).toBe(18);
});

/** How often these bytes stand in what a process can write to (proc(5), /proc/pid/mem). */
function timesInMemory(pid: number, bytes: Buffer): number {
  const file = openSync(`/proc/${pid}/mem`, "r");
  let times = 0;
  for (const line of readFileSync(`/proc/${pid}/maps`, "utf8").split("\n")) {
    const range = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line);
    if (range === null) continue;
    const [start, end] = range.slice(1).map((address) => Number.parseInt(address, 16)) as [number, number];
    if (end - start > 2 ** 30) continue; // AddressSanitizer's own
    const memory = Buffer.alloc(end - start);
    readSync(file, memory, 0, memory.length, start);
    for (let at = memory.indexOf(bytes); at >= 0; at = memory.indexOf(bytes, at + 1)) times++;
  }
  closeSync(file);
  return times;
}
