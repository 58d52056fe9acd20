import { beforeAll, describe, expect, test } from "@jest/globals";
import type { EndReason } from "../../../../host-sim/engines/xs/wire.js";
import { ACT_NAMES, type Act, ActKind, Said, writeActs } from "../xs/acts.js";
import { COMPILE_TIMEOUT } from "../xs/xs-host.js";
import { BOARD, Emulated, emulatedImage, type Heard, type NewBoard } from "./emulated.js";

let machine: Emulated;

beforeAll(async () => {
  machine = new Emulated(await emulatedImage(writeActs()));
  await machine.host.ready;
}, COMPILE_TIMEOUT);

/** One act on a new board; then another on the same machine has to answer. */
async function act(name: Act, options: NewBoard = {}): Promise<Heard> {
  const heard = machine.create(options);
  machine.host.deliver(BOARD, 1234.5, ActKind.act, ACT_NAMES.indexOf(name), Buffer.from("hello"));
  await machine.host.barrier();
  machine.host.end(BOARD);
  const control = machine.create();
  machine.host.deliver(BOARD, 1, ActKind.echo, 99, Buffer.from("control"));
  await machine.host.barrier();
  machine.host.end(BOARD);
  await machine.host.barrier();
  expect(machine.failure).toBeUndefined();
  expect(control).toEqual({ said: [expect.objectContaining({ kind: Said.echo, id: 99 })], ends: [] });
  return heard;
}

describe("a board that does this ends by name, and its machine runs the next", () => {
  test.each<[Act, EndReason, RegExp, NewBoard?]>([
    ["slots", "slots", /more than its 1024/],
    ["chunks", "chunks", /chunk of \d+ bytes/],
    ["string", "chunks", /chunk of \d+ bytes/],
    ["stringGrow", "chunks", /chunk of \d+ bytes/],
    ["stack", "stack", /more than its 256/],
    ["nativeToString", "native-stack", /too deep/, { stackSlots: 1000, slots: 1000 }],
    ["loop", "computation", /20000000 computrons/],
    ["loopPromise", "slots", /1024/],
    ["keys", "keys", /more than its 32/],
    ["throwError", "exception", /^exception: TypeError: in receive$/],
    ["throwObject", "exception", /cannot be told/],
    ["throwFull", "slots", /1024/],
    ["frozenWrite", "exception", /TypeError/],
    ["flashBytes", "flash-write", /wrote to flash at \d+/],
    ["flashMapSet", "flash-write", /wrote to flash at \d+/],
    ["flashSign", "flash-write", /wrote to flash at \d+/],
    ["flashRandom", "flash-write", /wrote to flash at \d+/],
    ["reject", "rejection", /nobody listens/],
    ["asyncThrow", "rejection", /after await/],
    ["evaluate", "no-parser", /parser/],
    ["output", "output", /256 KiB/],
  ])("%s: %s", async (name, reason, detail, options = {}) => {
    const { ends } = await act(name, options);
    expect(ends).toEqual([expect.stringMatching(new RegExp(`^${reason}: `))]);
    expect(ends[0]).toMatch(detail);
  });
});
