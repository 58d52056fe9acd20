import { readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "@jest/globals";
import type { BoardListener } from "../../../../host-sim/engines/xs/process.js";
import { XsSync } from "../../../../host-sim/engines/xs/sync.js";
import { ALL_BOARDS, type Reply } from "../../../../host-sim/engines/xs/wire.js";
import { temporaryFolder } from "../../../support/cli.js";
import { COMPILE_TIMEOUT, CREATION, KEY, startSync, xsHost } from "./xs-host.js";

/** Kinds of messages to the board; what it asks for, and says, comes with the same number. */
const Kind = { echo: 1, call: 2, sum: 3, throw: 4, endless: 5 } as const;
const SCRIPT = `
globalThis.boot = () => host.send(0, 0);
globalThis.receive = (kind, id, bytes) => {
  if (kind === ${Kind.echo}) host.send(kind, id, bytes);
  else if (kind === ${Kind.call}) {
    const into = new Uint8Array(100);
    host.send(kind, 1);
    const length = host.call(kind, id, into, bytes, 7);
    host.send(kind, length, into.subarray(0, length));
  } else if (kind === ${Kind.sum}) {
    let sum = 0;
    const into = new Uint8Array(8);
    for (let i = 0; i < id; i++) { host.call(kind, i, into); sum += host.double(into, 0); }
    host.send(kind, sum);
  } else if (kind === ${Kind.throw}) throw new Error("as it was told");
  else for (;;) host.call(kind, 0, undefined);
};`;

let program: string;
let bundle: string;
let sync: XsSync;
let next = 1;

beforeAll(async () => {
  program = await xsHost();
  bundle = join(temporaryFolder(), "sync.js");
  writeFileSync(bundle, SCRIPT);
  sync = startSync(program, bundle);
}, COMPILE_TIMEOUT);

/** A board whose words are kept, a line each. */
function board(
  host: XsSync,
  answer: (kind: number, id: number, bytes: Buffer) => Reply = () => "cut",
  creation = CREATION,
) {
  const number = next++;
  const heard: string[] = [];
  const listener: BoardListener = {
    sent: (kind, id, bytes) => heard.push(`sent ${kind} ${id} ${bytes.toString("latin1")}`),
    ended: (reason, detail) => heard.push(`ended ${reason} ${detail}`),
    call(kind, id, bytes) {
      heard.push(`call ${kind} ${id} ${bytes.toString("hex")}`);
      return answer(kind, id, bytes);
    },
  };
  host.create(number, creation, KEY, new Uint8Array(0), listener);
  const deliver = (kind: number, id: number, payload?: Uint8Array) => {
    heard.length = 0;
    host.deliver(number, 0, kind, id, payload);
    return heard;
  };
  return { number, heard, deliver };
}

describe("a turn", () => {
  test("is over when create and deliver return, and what came of it was heard", () => {
    const { heard, deliver } = board(sync);
    expect(heard).toEqual(["sent 0 0 "]);
    for (let id = 0; id < 100; id++)
      expect(deliver(Kind.echo, id, Buffer.from("x"))).toEqual([`sent 1 ${id} x`]);
  });

  test.each([[0], [1], [65_500], [65_536], [250_000]])("carries %d bytes there and back", (length) => {
    const it = board(sync);
    const large = { ...CREATION, chunkBytes: 1 << 20 };
    let got = Buffer.alloc(0);
    const number = next++;
    sync.create(number, large, KEY, new Uint8Array(0), {
      sent: (_kind, _id, bytes) => {
        got = Buffer.from(bytes);
      },
      ended: (reason) => expect(reason).toBe("never"),
    });
    const payload = Buffer.alloc(length, "abcdefg");
    sync.deliver(number, 0, Kind.echo, 1, payload);
    expect(got.equals(payload)).toBe(true);
    expect(it.deliver(Kind.echo, 1)).toEqual(["sent 1 1 "]);
  });

  test("in which the board ends is over, too; its number is free", () => {
    const { number, deliver, heard } = board(sync);
    expect(deliver(Kind.throw, 0)).toEqual(["ended exception Error: as it was told"]);
    expect(deliver(Kind.echo, 0)).toEqual([]);
    sync.end(number);
    const again: number[] = [];
    sync.create(number, CREATION, KEY, new Uint8Array(0), { sent: (kind) => again.push(kind), ended() {} });
    sync.end(number);
    sync.end(number);
    sync.deliver(number, 0, Kind.echo, 0);
    expect([again, heard]).toEqual([[0], []]);
  });

  test("counts are those of the boards that there are", () => {
    const { number, deliver } = board(sync);
    deliver(Kind.echo, 0);
    expect(sync.count(number, true).get(number)?.turns).toBe(1);
    expect(sync.count(ALL_BOARDS, false).size).toBeGreaterThan(1);
    sync.end(number);
    expect(sync.count(number, false)).toEqual(new Map());
  });
});

describe("a call", () => {
  test("is answered inside of the turn, in order with what is sent", () => {
    const { deliver } = board(sync, () => ({ bytes: Buffer.from("answer") }));
    expect(deliver(Kind.call, 5, Buffer.from("ask"))).toEqual([
      "sent 2 1 ",
      "call 2 5 61736b0000000000001c40",
      "sent 2 6 answer",
    ]);
  });

  test("many in a turn, each with its answer", () => {
    const { deliver } = board(sync, (_kind, id) => ({
      bytes: new Uint8Array(new Float64Array([id]).buffer),
    }));
    expect(deliver(Kind.sum, 1000).at(-1)).toBe("sent 3 499500 ");
  });

  test("a board that does nothing else ends by its computrons", () => {
    const bytes = new Uint8Array(0);
    const { deliver } = board(sync, () => ({ bytes }), { ...CREATION, computrons: 50_000 });
    expect(deliver(Kind.endless, 0).at(-1)).toMatch(/^ended computation /);
  });

  test("that nobody answers is an exception", () => {
    const heard: string[] = [];
    const listener = { sent() {}, ended: (...why: string[]) => heard.push(why.join(" ")) };
    const number = next++;
    sync.create(number, CREATION, KEY, new Uint8Array(0), listener);
    sync.deliver(number, 0, Kind.call, 0);
    expect(heard).toEqual(["exception Error: nobody answers calls of kind 2"]);
  });
});

describe("a listener", () => {
  const failing = (at: "sent" | "call" | "ended") => {
    const heard: string[] = [];
    const say = (what: string) => {
      heard.push(what);
      if (what === at) throw new Error(`from ${what}`);
    };
    const number = next++;
    let isReady = false;
    sync.create(number, CREATION, KEY, new Uint8Array(0), {
      sent: () => isReady && say("sent"),
      ended: () => say("ended"),
      call() {
        say("call");
        return { bytes: new Uint8Array(0) };
      },
    });
    isReady = true;
    return { number, heard };
  };

  test("that throws: it comes out when the turn is over, and xs-host goes on", () => {
    const { number, heard } = failing("sent");
    expect(() => sync.deliver(number, 0, Kind.call, 1)).toThrow("from sent");
    expect(heard).toEqual(["sent", "call", "sent"]);
    expect(board(sync).deliver(Kind.echo, 3)).toEqual(["sent 1 3 "]);
  });

  test("that throws out of a call cuts the board's power", () => {
    const { number, heard } = failing("call");
    expect(() => sync.deliver(number, 0, Kind.call, 1)).toThrow("from call");
    expect(heard).toEqual(["sent", "call", "ended"]);
  });

  test("that throws when it hears of the end", () => {
    const { number, heard } = failing("ended");
    expect(() => sync.deliver(number, 0, Kind.throw, 1)).toThrow("from ended");
    expect(heard).toEqual(["ended"]);
    expect(() => sync.deliver(number, 0, Kind.echo, 1)).not.toThrow();
  });

  test("may end its board: it hears nothing more, a call is cut, and the number is free", () => {
    for (const kind of [Kind.call, Kind.throw]) {
      const number = next++;
      const heard: string[] = [];
      sync.create(number, CREATION, KEY, new Uint8Array(0), {
        sent: (said) => {
          heard.push(`sent ${said}`);
          if (said !== 0) sync.end(number);
        },
        ended: (reason) => {
          heard.push(reason);
          sync.end(number);
        },
        call: () => ({ bytes: new Uint8Array(heard.push("call")) }),
      });
      sync.deliver(number, 0, kind, 0);
      expect(heard).toEqual(kind === Kind.call ? ["sent 0", "sent 2"] : ["sent 0", "exception"]);
      expect(sync.count(number, false).size).toBe(0);
      sync.create(number, CREATION, KEY, new Uint8Array(0), { sent() {}, ended() {} });
      sync.end(number);
    }
  });

  test("must not call back for anything else", () => {
    const number = next++;
    sync.create(number, CREATION, KEY, new Uint8Array(0), {
      sent: (kind) => kind === Kind.echo && sync.deliver(number, 0, Kind.echo, 1),
      ended() {},
    });
    expect(() => sync.deliver(number, 0, Kind.echo, 1)).toThrow(/called back into xs-host/);
  });
});

describe("what is refused", () => {
  test("a second board of a number, or one of no sense: an Error, and others go on", () => {
    const { number, deliver } = board(sync);
    const listener = { sent() {}, ended() {} };
    expect(() => sync.create(number, CREATION, KEY, new Uint8Array(0), listener)).toThrow(/runs already/);
    expect(() => sync.create(9999, { ...CREATION, slots: 1 }, KEY, new Uint8Array(0), listener)).toThrow(
      /refused a message for board 9999: create: limits out of range/,
    );
    expect(() => sync.create(9999, CREATION, new Uint8Array(32), new Uint8Array(0), listener)).toThrow(
      /not a private key/,
    );
    expect(() => sync.deliver(number, Number.NaN, Kind.echo, 1)).toThrow(/uptime out of range/);
    expect(deliver(Kind.echo, 4)).toEqual(["sent 1 4 "]);
  });
});

describe("where xs-host ends", () => {
  test("killed between turns: an Error, each time, and close says how it ended", async () => {
    const mortal = new XsSync(program, bundle);
    const { deliver } = board(mortal);
    process.kill(mortal.pid as number, "SIGKILL");
    for (let i = 0; i < 3; i++) expect(() => deliver(Kind.echo, 0)).toThrow(/xs-host ended by itself/);
    await expect(mortal.close()).rejects.toThrow("xs-host ended with SIGKILL");
  });

  test("killed inside a call: an Error, not a wait", async () => {
    const mortal = new XsSync(program, bundle);
    const { deliver } = board(mortal, () => {
      process.kill(mortal.pid as number, "SIGKILL");
      return { bytes: new Uint8Array(0) };
    });
    expect(() => deliver(Kind.call, 0)).toThrow(/xs-host ended by itself/);
    await expect(mortal.close()).rejects.toThrow("SIGKILL");
  });

  test.each([
    ["a bundle that throws", "null.x;"],
    ["a bundle that is none", "((("],
  ])("%s", (_name, script) => {
    const bad = join(temporaryFolder(), "bad.js");
    writeFileSync(bad, script);
    expect(() => new XsSync(program, bad)).toThrow(/xs-host ended by itself/);
  });

  test("a program that there is not", () => {
    expect(() => new XsSync(join(temporaryFolder(), "none"), bundle)).toThrow(/xs-host ended by itself/);
  });

  test("closed: it ends well, and says so when it is asked again", async () => {
    const closed = new XsSync(program, bundle);
    board(closed);
    await closed.close();
    await closed.close();
    expect(() => board(closed)).toThrow("xs-host was closed");
  });

  test("nothing stays open, and no pipe has a name", async () => {
    const open = () => readdirSync("/proc/self/fd").length;
    const before = open();
    for (let i = 0; i < 5; i++) await new XsSync(program, bundle).close();
    expect(open()).toBe(before);
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith("fieldmark-xs-"))).toEqual([]);
  });
});
