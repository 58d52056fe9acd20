import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { type ChainFrame, DeviceChain } from "../../../network/verify/chain.js";
import { reading } from "../../support/frames.js";
import { JudgeHarness } from "../../support/judge-harness.js";
import { Chain } from "./board.js";
import { createChain, Device, judge, range } from "./device.js";

const upTo = (end: number) => Array.from({ length: end }, (_, i) => i);

describe("frames that come after their gap was given up", () => {
  /** Of ten frames 2 to 7 are missing when patience ends; then they come in this order. */
  test.each([
    { name: "upwards", order: [2, 3, 4, 5, 6, 7], late: [] },
    { name: "downwards", order: [7, 6, 5, 4, 3, 2], late: [] },
    { name: "from both ends", order: [7, 2, 6, 3, 5, 4], late: [] },
    { name: "one from the middle first: it alone follows nothing", order: [5, 2, 7, 3, 6, 4], late: [5] },
    { name: "each twice", order: [2, 2, 3, 7, 7, 6, 3, 5, 4, 4], late: [] },
  ])("$name: all are kept, once, and ok where they are linked", ({ order, late }) => {
    const frames = new Chain().run(10);
    const desk = new JudgeHarness().receive(...[0, 1, 8, 9].map((i) => frames[i] as Uint8Array)).giveUp();
    expect(desk.verdicts).toEqual(["ok", "ok", "broken-chain", "ok"]);
    const said = new Map<number, string>();
    for (const i of order) {
      desk.receive(frames[i] as Uint8Array);
      const [last] = desk.judgements.slice(-1);
      expect(last?.sequence).toBe(i);
      if (!said.has(i)) said.set(i, last?.verdict ?? "");
      else expect(last?.verdict).toBe("duplicate");
    }
    expect([...said].filter(([, verdict]) => verdict !== "ok")).toEqual(late.map((i) => [i, "late"]));
    expect(desk.kept).toHaveLength(10);
    expect(new Set(desk.kept).size).toBe(10);
    // Read again in the order in which they were kept, as a restart does.
    const again = new JudgeHarness().receive(...desk.kept).giveUp();
    expect([again.of("ok").length, again.kept.length]).toEqual([10, 10]);
  });

  test.each([
    { name: "into the boot before", from: 0, to: 2 },
    { name: "the boot before, and the end of another", from: 0, to: 4 },
  ])("over a reset, $name", ({ to }) => {
    const device = new Device();
    const first = device.run(1, 0, 3);
    const second = device.run(2, 0, to);
    const third = device.run(3, 0, 1);
    const chain = createChain();
    judge([first[0] as ChainFrame, ...third], chain);
    const rest = [...first.slice(1), ...second];
    expect(judge([...rest].reverse(), chain)).toEqual(
      rest.map(({ frame }) => `${frame.boot}/${frame.sequence} linked after all`).reverse(),
    );
  });

  test("a place that was passed is held against the right frame: another's hash is not enough", () => {
    const device = new Device();
    const [a, b, c] = device.run(1, 0, 2) as [ChainFrame, ChainFrame, ChainFrame];
    const chain = createChain();
    judge([a, c], chain);
    const other: ChainFrame = {
      ...b,
      frame: { ...b.frame, prev: new Uint8Array(16) },
      hash: "cc".repeat(16),
    };
    expect(judge([other], chain)).toEqual(["1/1 late after all"]);
    expect(judge([b], chain)).toEqual(["1/1 equivocation"]);
  });

  test("what it read is looked at as of any other frame", () => {
    const chain = new Chain();
    const frames = [chain.next(), chain.next({}, [reading("temperature", "Cel", 8501)]), chain.next()];
    const desk = new JudgeHarness().receive(frames[0] as Uint8Array, frames[2] as Uint8Array).giveUp();
    expect(desk.receive(frames[1] as Uint8Array).verdicts.at(-1)).toBe("out-of-range");
    expect(desk.kept).toHaveLength(3);
  });

  test("where it cannot be kept it is as if it had not come", () => {
    const [a, b, c] = new Chain().run(3) as [Uint8Array, Uint8Array, Uint8Array];
    const desk = new JudgeHarness().receive(a, c).giveUp();
    desk.full = true;
    expect(() => desk.receive(b)).toThrow("the disk is full");
    desk.full = false;
    expect(desk.receive(b, b).verdicts.slice(-2)).toEqual(["ok", "duplicate"]);
    expect(desk.kept).toEqual([a, c, b]);
  });

  test("many gaps: the oldest are remembered no longer, and what comes there is kept all the same", () => {
    const device = new Device();
    const frames = device.run(1, 0, 400);
    const chain = createChain();
    judge(
      frames.filter((_, i) => i % 4 === 0),
      chain,
    );
    const said = judge(
      frames.filter((_, i) => i % 4 === 1),
      chain,
    );
    const linked = said.filter((one) => one.endsWith("linked after all"));
    expect([said.length, linked.length, linked.at(-1)]).toEqual([100, 64, "1/397 linked after all"]);
    expect(said.every((one) => one.endsWith("after all"))).toBe(true);
  });
});

describe("whatever the order, and however long the backlog", () => {
  /** Positions that a judge would keep, and how often; patience ends now and then. */
  function keep(arrivals: readonly ChainFrame[], giveUpEvery: number) {
    const chain = new DeviceChain<ChainFrame>();
    const kept = new Map<ChainFrame, number>();
    let flaws = 0;
    for (const [i, item] of arrivals.entries()) {
      const standing = chain.standing(item);
      if (standing === "new" || standing === "passed") kept.set(item, (kept.get(item) ?? 0) + 1);
      if (standing === "new") chain.add(item);
      if (standing === "passed" && !chain.fill(item)) flaws++;
      for (const { link } of chain.settled()) if (link === "broken") flaws++;
      if (i % giveUpEvery === giveUpEvery - 1)
        for (const { link } of chain.giveUp()) if (link === "broken") flaws++;
    }
    return { kept, flaws };
  }

  const ends = (frames: readonly ChainFrame[]) =>
    frames.map((_, i) => frames[i % 2 === 0 ? frames.length - 1 - i / 2 : (i - 1) / 2] as ChainFrame);

  test.each([
    { name: "newest first", order: (frames: ChainFrame[]) => [...frames].reverse() },
    { name: "from both ends in turn", order: ends },
    { name: "oldest first", order: (frames: ChainFrame[]) => frames },
  ])(
    "9,000 frames $name, then all of them again: each is kept once",
    ({ order }) => {
      const device = new Device();
      const before = device.run(1, 0, 99);
      const backlog = order(device.run(1, 100, 9099));
      const { kept, flaws } = keep([...before, ...backlog, ...before, ...backlog], 3000);
      expect([kept.size, Math.max(...kept.values())]).toEqual([9100, 1]);
      expect(flaws).toBeLessThanOrEqual(2);
    },
    30_000,
  );

  test("property: any order, any patience, some twice: each is kept once", () => {
    const history = fc.record({
      boots: fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 4 }),
      turns: fc.array(fc.nat(1000), { minLength: 100, maxLength: 100 }),
      patience: fc.integer({ min: 1, max: 30 }),
    });
    fc.assert(
      fc.property(history, ({ boots, turns, patience }) => {
        const device = new Device();
        const frames = boots.flatMap((length, boot) => device.run(boot + 1, 0, length - 1));
        const arrivals = turns
          .map((turn, i) => ({ turn, item: frames[i % frames.length] as ChainFrame }))
          .sort((a, b) => a.turn - b.turn)
          .map(({ item }) => item);
        const { kept } = keep(arrivals, patience);
        expect([kept.size, Math.max(...kept.values())]).toEqual([frames.length, 1]);
      }),
      { numRuns: 150, seed: 11 },
    );
  });
});

test("of a device that lost frames in 1,000 places, nothing that was kept is kept again", () => {
  const device = new Device();
  const chain = new DeviceChain<ChainFrame>();
  const frames = upTo(6000).map((i) => device.frame(1, 2 * i, i === 0 ? [] : [range(1, 2 * i - 1)]));
  for (const item of frames) {
    chain.add(item);
    for (const { link } of chain.settled()) expect(link).not.toBe("broken");
  }
  const standings = new Set(frames.map((item) => chain.standing(item)));
  expect(standings).toEqual(new Set(["late", "duplicate"]));
});
