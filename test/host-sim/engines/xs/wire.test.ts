import { spawn } from "node:child_process";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { FromHost, HostReader, HostWriter, ToHost } from "../../../../host-sim/engines/xs/wire.js";
import { ACT_NAMES, type Act, ActKind, writeActs } from "./acts.js";
import { COMPILE_TIMEOUT, CREATION, KEY, xsHost } from "./xs-host.js";

describe("HostWriter and HostReader", () => {
  const FRAMES: [number, number, Uint8Array][] = [
    [0, 5, new Uint8Array(0)],
    [1, 2, Uint8Array.of(1, 2, 3)],
    [0xffffffff, 255, new Uint8Array(300).fill(7)],
  ];

  function written(): Buffer {
    const writer = new HostWriter();
    for (const [board, kind, payload] of FRAMES) writer.frame(board, kind, payload);
    expect(writer.length).toBe(3 * 9 + 303);
    const bytes = writer.take();
    expect(writer.length).toBe(0);
    return bytes;
  }

  test("round trip, whatever the pieces that it comes in", () => {
    const bytes = written();
    for (let size = 1; size <= bytes.length; size++) {
      const got: [number, number, Uint8Array][] = [];
      const reader = new HostReader((board, kind, payload) =>
        got.push([board, kind, Uint8Array.from(payload)]),
      );
      for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size));
      expect(got).toEqual(FRAMES);
    }
  });

  test("the bytes of each kind of message", () => {
    const writer = new HostWriter();
    const creation = {
      slots: 1,
      chunkBytes: 2,
      stackSlots: 3,
      keys: 4,
      payloadBytes: 5,
      computrons: 6,
    };
    writer.create(7, creation, Uint8Array.of(0xaa), Uint8Array.of(0xcc));
    writer.create(7, creation, Uint8Array.of(0xaa), Uint8Array.of(0xcc), Uint8Array.of(0xbb));
    writer.create(7, creation, Uint8Array.of(0xaa), Uint8Array.of(0xcc), undefined, true);
    writer.deliver(7, 1.5, 8, 9, Uint8Array.of(0xdd));
    writer.flash(7, { size: 4096, sectorBytes: 256, programBytes: 4 }, true, Uint8Array.of(0xee));
    writer.reply(7, { bytes: Uint8Array.of(0xff) });
    writer.reply(7, { error: new Error("a") });
    writer.reply(7, { error: new RangeError("b") });
    writer.reply(7, "cut");
    const limits = "010000000200000003000000040000000500000006000000";
    expect(writer.take().toString("hex")).toBe(
      `${"20000000"}0700000001${limits}01aacc` +
        `${"21000000"}0700000001${limits}03aabbcc` +
        `${"20000000"}0700000001${limits}05aacc` +
        `${"13000000"}0700000002${"000000000000f83f"}0809000000dd` +
        `${"13000000"}0700000008${"001000000001000004000000"}01ee` +
        `${"07000000"}070000000a00ff` +
        `${"07000000"}070000000a0161` +
        `${"07000000"}070000000a0262` +
        `${"06000000"}070000000a03`,
    );
  });

  test("the buffer grows, and what was taken stays", () => {
    const writer = new HostWriter();
    writer.frame(1, 1, Uint8Array.of(42));
    const first = writer.take();
    writer.frame(2, 2, new Uint8Array(1 << 20).fill(9));
    expect(writer.take().length).toBe((1 << 20) + 9);
    expect([...first.subarray(9)]).toEqual([42]);
  });
});

describe("xs-host", () => {
  let program: string;
  let bundle: string;

  beforeAll(async () => {
    program = await xsHost();
    bundle = writeActs();
  }, COMPILE_TIMEOUT);

  /** Writes these pieces to a new xs-host, and the end of input; resolves when it ended. */
  async function feed(pieces: readonly Buffer[]) {
    const child = spawn(program, [bundle], { stdio: "pipe" });
    const frames: { board: number; kind: number; text: string }[] = [];
    const reader = new HostReader((board, kind, payload) =>
      frames.push({ board, kind, text: payload.toString("latin1") }),
    );
    let complaint = "";
    child.stdout.on("data", (chunk: Buffer) => reader.push(chunk));
    child.stderr.on("data", (chunk) => {
      complaint += chunk;
    });
    child.stdin.on("error", () => {}); // it stopped reading
    for (const piece of pieces) child.stdin.write(piece);
    child.stdin.end();
    const status = await new Promise<number | NodeJS.Signals | null>((resolve) =>
      child.once("close", (code, signal) => resolve(signal ?? code)),
    );
    return { status, frames, complaint };
  }

  test("refuses what makes no sense, and goes on", async () => {
    const writer = new HostWriter();
    writer.create(1, CREATION, KEY, new Uint8Array(0));
    writer.create(1, CREATION, KEY, new Uint8Array(0));
    writer.create(2, { ...CREATION, slots: 1 }, KEY, new Uint8Array(0));
    writer.create(3, CREATION, new Uint8Array(32), new Uint8Array(0));
    writer.frame(4, ToHost.create, Uint8Array.of(1, 2, 3));
    writer.frame(1, ToHost.deliver, Uint8Array.of(1));
    writer.deliver(1, Number.NaN, 0, 0);
    writer.frame(9, ToHost.end);
    writer.frame(9, ToHost.statistics);
    writer.frame(9, 200);
    writer.frame(9, ToHost.flash, new Uint8Array(12));
    writer.flash(1, { size: 4096, sectorBytes: 1024, programBytes: 4 }, false, new Uint8Array(0));
    writer.frame(9, ToHost.flashDrop);
    writer.reply(1, "cut");
    writer.frame(1, ToHost.end);
    writer.frame(8, ToHost.ping);
    writer.frame(0, ToHost.quit);
    const { status, frames } = await feed([writer.take()]);
    expect(status).toBe(0);
    const refused = frames.filter(({ kind }) => kind === FromHost.refused).map(({ text }) => text);
    expect(refused).toEqual([
      "create: there is such a board already",
      "create: limits out of range",
      "create: not a private key",
      "create: too short",
      "deliver: too short",
      "deliver: uptime out of range",
      "end: no such board",
      "statistics: no such board",
      "no such kind",
      "flash: too short",
      "flash: the board runs",
      "flash-drop: no such flash",
      "no such kind",
    ]);
    expect(frames.map(({ kind }) => kind).slice(0, 2)).toEqual([FromHost.ready, FromHost.created]);
    expect(frames.slice(-2)).toEqual([
      { board: 1, kind: FromHost.ended, text: "\0asked to" },
      { board: 8, kind: FromHost.pong, text: "" },
    ]);
  });

  test("more output than it holds back for, out of input that comes at once: nothing is lost", async () => {
    const writer = new HostWriter();
    writer.create(1, CREATION, KEY, new Uint8Array(0));
    for (let i = 0; i < 40; i++) writer.deliver(1, i, ActKind.act, ACT_NAMES.indexOf("much"));
    writer.frame(8, ToHost.ping);
    const { status, frames } = await feed([writer.take()]);
    expect(status).toBe(0);
    expect(frames.filter(({ kind }) => kind === FromHost.sent)).toHaveLength(40 * 200);
    expect(frames.at(-1)).toEqual({ board: 8, kind: FromHost.pong, text: "" });
  });

  describe("a board that waits for the answer to its call", () => {
    /** What comes after a board's call; before it, where the call finds it already. */
    async function answer(write: (writer: HostWriter) => void) {
      const writer = new HostWriter();
      writer.create(1, CREATION, KEY, new Uint8Array(0), undefined, true);
      writer.deliver(1, 0, ActKind.act, ACT_NAMES.indexOf("call"));
      const first = writer.take();
      write(writer);
      const child = spawn(program, [bundle], { stdio: "pipe" });
      let complaint = "";
      child.stderr.on("data", (chunk) => {
        complaint += chunk;
      });
      const kinds: number[] = [];
      const reader = new HostReader((_board, kind) => {
        kinds.push(kind);
        if (kind !== FromHost.call) return;
        const bytes = writer.take();
        for (let at = 0; at < bytes.length; at += 3) child.stdin.write(bytes.subarray(at, at + 3));
        child.stdin.end();
      });
      child.stdout.on("data", (chunk: Buffer) => reader.push(chunk));
      child.stdin.on("error", () => {}); // it stopped reading
      child.stdin.write(first);
      const status = await new Promise((resolve) => child.once("close", (code) => resolve(code)));
      return { status, complaint, kinds };
    }
    const turn = [FromHost.ready, FromHost.created, FromHost.done, FromHost.call];

    test("goes on with the answer, in however many pieces, and tells when its turn is over", async () => {
      const { status, kinds } = await answer((writer) => writer.reply(1, { bytes: new Uint8Array(0) }));
      expect({ status, kinds }).toEqual({ status: 0, kinds: [...turn, FromHost.done] });
    });

    test("ends with a cut, and its turn is over, too", async () => {
      const { status, kinds } = await answer((writer) => writer.reply(1, "cut"));
      expect({ status, kinds }).toEqual({ status: 0, kinds: [...turn, FromHost.ended, FromHost.done] });
    });

    test.each<[string, (writer: HostWriter) => void]>([
      ["another kind of frame", (writer) => writer.frame(1, ToHost.ping)],
      ["another board's", (writer) => writer.reply(2, "cut")],
      ["a frame that is too short", (writer) => writer.frame(1, ToHost.reply)],
      ["a length that is no frame's", (writer) => writer.reply(1, { bytes: new Uint8Array(1 << 20) })],
    ])("%s in place of the answer ends xs-host with 2", async (_name, write) => {
      const { status, complaint } = await answer(write);
      expect({ status, complaint }).toEqual({ status: 2, complaint: "xs-host: a call: no reply to it\n" });
    });

    test("nothing in place of the answer: xs-host ends with its input", async () => {
      expect(await answer(() => {})).toEqual({ status: 0, complaint: "", kinds: turn });
    });
  });

  test.each([[0], [4], [(1 << 20) + 1], [0xffffffff]])("a length of %d ends it with 2", async (length) => {
    const bytes = Buffer.alloc(64);
    bytes.writeUInt32LE(length);
    const { status, complaint } = await feed([bytes]);
    expect(status).toBe(2);
    expect(complaint).toMatch("a frame's length is out of range");
  });

  test("hostile bytes: it refuses, or stops with 2, and no more", async () => {
    const dice = createDice(0x5eed);
    const statuses = new Set<unknown>();
    for (let round = 0; round < 60; round++) {
      const { status, complaint } = await feed(hostile(dice));
      const other = complaint.replace(COMPLAINT, "");
      expect({ round, status, other }).toEqual({ round, status: status === 2 ? 2 : 0, other: "" });
      statuses.add(status);
    }
    expect(statuses.size).toBe(2);
  });
});

/** What ends xs-host by its other side's fault. */
const COMPLAINT =
  /^xs-host: (a frame's length is out of range|a call: (no reply to it|input came before it))\n/;

type Dice = (below: number) => number;

/** xorshift32 (Marsaglia 2003). */
function createDice(seed: number): Dice {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** Only the watchdog ends these, after seconds. */
const SLOW: readonly Act[] = ["loopNative"];
const QUICK = ACT_NAMES.flatMap((name, at) => (SLOW.includes(name) ? [] : [at]));
const ODD = [0, 1, 5, 63, 64, 1024, 16_384, 0x7fffffff, 0x80000000, 0xffffffff];

const u32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
const noise = (dice: Dice, length: number) => Buffer.from(Array.from({ length }, () => dice(256)));
const odd = (dice: Dice) => ODD[dice(ODD.length + 1)] ?? dice(70_000);

/** A hundred frames, most of them right; some cut, some with other bytes; in pieces of any length. */
function hostile(dice: Dice): Buffer[] {
  let all = Buffer.concat(Array.from({ length: 100 }, () => hostileFrame(dice)));
  if (dice(3) === 0) for (let i = dice(4); i >= 0; i--) all[dice(all.length)] = dice(256);
  if (dice(8) === 0) all = noise(dice, dice(5000));
  const pieces: Buffer[] = [];
  for (let at = 0; at < all.length; ) {
    const end = at + 1 + dice(9000);
    pieces.push(all.subarray(at, end));
    at = end;
  }
  return pieces;
}

function hostileFrame(dice: Dice): Buffer {
  const kind = [1, 1, 2, 2, 2, 2, 3, 4, 6, 7, 8, 9, 10, dice(256)][dice(14)] as number;
  if (kind === ToHost.quit) return hostileFrame(dice);
  const board = dice(20) > 0 ? dice(12) : odd(dice);
  const body = Buffer.concat([u32(board), Buffer.of(kind), hostilePayload(dice, kind)]);
  const cut = dice(15) === 0 ? body.subarray(0, 5 + dice(body.length - 4)) : body;
  return Buffer.concat([u32(cut.length), cut]);
}

function hostilePayload(dice: Dice, kind: number): Buffer {
  if (kind === ToHost.create) {
    const sane = dice(3) > 0;
    const limits = sane
      ? [64 + dice(1500), 1024 + dice(20_000), 64 + dice(300), dice(40), dice(600), 1000 + dice(200_000)]
      : Array.from({ length: 6 }, () => odd(dice));
    return Buffer.concat([...limits.map(u32), Buffer.of(dice(dice(9) > 0 ? 4 : 8)), noise(dice, dice(120))]);
  }
  if (kind === ToHost.deliver) {
    const uptime = Buffer.alloc(8);
    uptime.writeDoubleLE([0, 1.5, Number.NaN, -1, Number.POSITIVE_INFINITY, 1e14][dice(6)] as number);
    const id = dice(4) > 0 ? (QUICK[dice(QUICK.length)] as number) : Math.max(odd(dice), ACT_NAMES.length);
    const bytes = noise(dice, dice(8) > 0 ? dice(60) : dice(3000));
    return Buffer.concat([uptime, Buffer.of(dice(4)), u32(id), bytes]);
  }
  if (kind === ToHost.flash) {
    const sane = dice(3) > 0;
    const shape = sane ? [4096, 1024, 4] : Array.from({ length: 3 }, () => odd(dice));
    return Buffer.concat([
      ...shape.map(u32),
      Buffer.of(dice(4)),
      noise(dice, dice(9) > 0 ? dice(200) : 5000),
    ]);
  }
  return noise(dice, dice(6));
}
