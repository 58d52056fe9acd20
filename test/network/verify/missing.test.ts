import { describe, expect, test } from "@jest/globals";
import type { ChainFrame } from "../../../network/verify/chain.js";
import type { Missing } from "../../../network/verify/missing.js";
import { type BoardStatus, readStatus } from "../../../network/verify/status.js";
import { TEST_HEADER } from "../../support/frames.js";
import { createChain, Device, range } from "./device.js";

/** When all frames here were signed, in their boot. */
const SIGNED = TEST_HEADER.uptime;
/** A later status of a board that has delivered everything. */
const DONE: BoardStatus = { boot: 1, uptime: SIGNED + 60, queue: 0, oldest: 0, dropped: 0 };

/** A chain to which frames and statuses come, one a second; `said` is what it tells of missing frames. */
class UplinkHarness {
  readonly chain = createChain();
  readonly said: string[] = [];
  now = 0;

  frame(...frames: ChainFrame[]): this {
    for (const item of frames) {
      if (this.chain.standing(item) === "passed") this.chain.fill(item);
      else this.chain.add(item);
      for (const _ of this.chain.settled());
      this.#tell(this.chain.declared(item.frame));
      this.now++;
    }
    return this;
  }

  giveUp(): this {
    for (const _ of this.chain.giveUp());
    return this;
  }

  status(status: Partial<BoardStatus> = {}): this {
    this.chain.hear({ ...DONE, ...status }, this.now++);
    return this;
  }

  /** What was said until now has had its time. */
  look(given = this.now++): this {
    this.#tell(this.chain.look(given));
    return this;
  }

  #tell(news: readonly Missing[]): void {
    for (const { before, after, ranges, fate } of news) {
      const where = ranges.map(({ boot, first, last }) => `${boot}/${first}-${last}`).join(" ");
      this.said.push(
        `${fate.type} ${where || `${before.boot}/${before.sequence}..${after.boot}/${after.sequence}`}`,
      );
    }
  }
}

/** 1/0 and 1/4 came, 1/1 to 1/3 did not. */
function gapped(): { device: Device; lost: ChainFrame[]; line: UplinkHarness } {
  const device = new Device();
  const [first] = device.run(1, 0, 0) as [ChainFrame];
  const lost = device.run(1, 1, 3);
  const line = new UplinkHarness().frame(first, device.frame(1, 4));
  return { device, lost, line };
}

describe("a status after a gap", () => {
  test.each<{ name: string; status: Partial<BoardStatus>; said: string[] }>([
    { name: "all is delivered", status: {}, said: ["lost 1/1-3"] },
    { name: "of the second in which the frame behind was signed", status: { uptime: SIGNED }, said: [] },
    { name: "of before", status: { uptime: SIGNED - 30 }, said: [] },
    { name: "of an earlier boot", status: { boot: 0 }, said: [] },
    { name: "of the next boot", status: { boot: 2, uptime: 1 }, said: ["lost 1/1-3"] },
    { name: "of the next boot's first second", status: { boot: 2, uptime: 0 }, said: ["lost 1/1-3"] },
    { name: "frames wait, as old as these", status: { queue: 9, oldest: 60 }, said: ["queued 1/1-3"] },
    { name: "frames wait, younger ones", status: { queue: 2, oldest: 59 }, said: ["lost 1/1-3"] },
    {
      name: "of the next boot, in which frames of an earlier one wait",
      status: { boot: 2, uptime: 30, queue: 2, oldest: 30 },
      said: ["queued 1/1-3"],
    },
    {
      name: "of the next boot, in which frames of that one wait",
      status: { boot: 2, uptime: 30, queue: 2, oldest: 29 },
      said: ["lost 1/1-3"],
    },
    { name: "losses are not declared yet", status: { dropped: 1 }, said: [] },
  ])("$name: $said", ({ status, said }) => {
    expect(gapped().line.giveUp().status(status).look().look().said).toEqual(said);
    // It came before the gap was given up.
    expect(gapped().line.status(status).giveUp().look().look().said).toEqual(said);
  });

  test("says nothing while the frame behind still waits for what is missing", () => {
    expect(gapped().line.status().look().said).toEqual([]);
  });

  test("gives what was handed on time to come, and says nothing where it does", () => {
    const { lost, line } = gapped();
    line.giveUp().status();
    expect(line.look(line.now - 2).said).toEqual([]);
    expect(line.frame(...lost).look().said).toEqual([]);
    expect(line.chain.fates).toEqual([]);
  });

  test("tells what is still missing where a part came", () => {
    const { lost, line } = gapped();
    line.giveUp().frame(lost[0] as ChainFrame);
    expect(line.status().look().said).toEqual(["lost 1/2-3"]);
  });

  test("first says that they wait, then that they are gone: each is told once", () => {
    const { line } = gapped();
    line.giveUp();
    for (let i = 0; i < 3; i++) line.status({ queue: 1, oldest: 90 }).look();
    for (let i = 0; i < 3; i++) line.status().look();
    expect(line.said).toEqual(["queued 1/1-3", "lost 1/1-3"]);
    expect(line.chain.fates).toEqual(["lost"]);
  });
});

describe("a declaration after a gap was given up", () => {
  test("says that the board left them out, once, also against what its status said", () => {
    const { device, line } = gapped();
    line.giveUp().status().look();
    line.frame(device.frame(1, 5, [range(1, 1, 3)]), device.frame(1, 6, [range(1, 1, 3)]));
    expect(line.look().said).toEqual(["lost 1/1-3", "left-out 1/1-3"]);
    expect(line.chain.fates).toEqual(["left-out"]);
  });

  test("of a part: the rest may be lost", () => {
    const { device, line } = gapped();
    line.giveUp().frame(device.frame(1, 5, [range(1, 1, 2)]));
    expect(line.status().look().said).toEqual(["lost 1/3-3"]);
  });

  test("of a part before it was given up", () => {
    const { device, line } = gapped();
    line.frame(device.frame(1, 5, [range(1, 2, 2)])).giveUp();
    expect(line.status().look().said).toEqual(["lost 1/1-1 1/3-3"]);
  });
});

test("over a restart it is not known how many are missing", () => {
  const device = new Device();
  const line = new UplinkHarness().frame(device.frame(1, 0));
  device.run(1, 1, 3);
  line.frame(device.frame(2, 0)).giveUp().status({ boot: 2 }).look();
  expect(line.said).toEqual(["lost 1/0..2/0"]);
});

test("where numbers were passed over and nothing was signed, no broker lost anything", () => {
  const device = new Device();
  const line = new UplinkHarness().frame(device.frame(1, 0), device.frame(1, 4)).giveUp().status().look();
  expect(line.said).toEqual([]);
  expect(line.frame(device.frame(1, 5, [range(1, 1, 3)])).said).toEqual(["left-out 1/1-3"]);
});

test("what was judged in an earlier run is not asked for again", () => {
  const device = new Device();
  const first = device.frame(1, 0);
  device.run(1, 1, 3);
  const line = new UplinkHarness().frame(first, { ...device.frame(1, 4), isOld: true }).giveUp();
  expect(line.status().look().said).toEqual([]);
});

test("many gaps, many declarations and many statuses are bounded", () => {
  const device = new Device();
  const line = new UplinkHarness().frame(device.frame(1, 0));
  for (let n = 1; n <= 500; n++) {
    device.frame(1, 3 * n);
    line
      .frame(device.frame(1, 3 * n + 2, [range(1, 3 * n + 1)]))
      .giveUp()
      .status();
  }
  expect(line.chain.fates).toHaveLength(64);
});

describe("a status", () => {
  const GOOD = { state: "online", ...DONE, brokers: ["a"], flash: 0 };
  const bytes = (text: string) => new Uint8Array(Buffer.from(text));

  test("is read, with what hosts add", () => {
    expect(readStatus(bytes(JSON.stringify({ ...GOOD, reset: "power-on", owner: null })))).toEqual(DONE);
  });

  test.each([
    "",
    "null",
    "[]",
    '"online"',
    "{",
    '{"state":"offline"}',
    "[".repeat(2000) + "]".repeat(2000),
    JSON.stringify({ ...GOOD, state: "offline" }),
    ...["boot", "uptime", "queue", "oldest", "dropped"].flatMap((name) =>
      [-1, "0", null, undefined, 2 ** 32, {}, [0]].map((value) => JSON.stringify({ ...GOOD, [name]: value })),
    ),
    JSON.stringify({ ...GOOD, queue: 0.5 }),
    JSON.stringify(GOOD).replace('"queue":0', '"queue":1e999'),
    JSON.stringify(GOOD).replace('"queue":0', '"queue":1,"queue":0'),
    JSON.stringify({ ...GOOD, note: "x".repeat(4096) }),
  ])("is none: %.60s", (text) => {
    expect(readStatus(bytes(text))).toBeUndefined();
  });

  test("is none that is not UTF-8", () => {
    expect(readStatus(Uint8Array.of(0x22, 0xff, 0x22))).toBeUndefined();
  });
});
