import { describe, expect, test } from "@jest/globals";
import { makeFrame, reading, TEST_HEADER } from "../../support/frames.js";
import { JudgeHarness } from "../../support/judge-harness.js";
import { Chain, prevAfter } from "./board.js";

const ZEROS = new Uint8Array(16);
type Frames = [Uint8Array, ...Uint8Array[]];
const range = (first: number, last: number, boot = 1) => ({ boot, first, last });

/** A board's first four frames; what a dishonest one signs behind them says that frames were lost, and follows what it likes. */
function begun() {
  const chain = new Chain();
  const frames = chain.run(4) as Frames;
  return { chain, frames };
}

describe("a chain that forks where a gap is declared", () => {
  test.each([
    { name: "zeros, in the same boot", header: { sequence: 6, dropped: [range(4, 5)] }, prev: () => ZEROS },
    {
      name: "zeros, in the same boot, as if all was lost",
      header: { sequence: 6, dropped: [range(0, 5)] },
      prev: () => ZEROS,
    },
    {
      name: "zeros, in the next boot",
      header: { boot: 2, sequence: 0, dropped: [range(4, 5)] },
      prev: () => ZEROS,
    },
    {
      name: "a frame before the last one, in the same boot",
      header: { sequence: 6, dropped: [range(4, 5)] },
      prev: (frames: Frames) => prevAfter(frames[1] as Uint8Array),
    },
    {
      name: "a frame before the last one, as if those after it were lost",
      header: { sequence: 6, dropped: [range(2, 5)] },
      prev: (frames: Frames) => prevAfter(frames[1] as Uint8Array),
    },
    {
      name: "a frame before the last one, in the next boot",
      header: { boot: 2, sequence: 0, dropped: [range(2, 9)] },
      prev: (frames: Frames) => prevAfter(frames[1] as Uint8Array),
    },
  ])("$name: broken-chain, and kept", ({ header, prev }) => {
    const { chain, frames } = begun();
    const fork = chain.next({ ...header, prev: prev(frames) });
    const desk = new JudgeHarness().receive(...frames, fork, chain.next({ boot: header.boot ?? 1 })).giveUp();
    expect(desk.verdicts).toEqual(["ok", "ok", "ok", "ok", "broken-chain", "ok"]);
    expect(desk.judgements[4]?.detail).toContain("the chain forks");
    expect(desk.kept).toContain(fork);
    const again = new JudgeHarness().receive(...desk.kept).giveUp();
    expect(again.verdicts).toEqual(desk.verdicts);
  });

  test("an honest gap, whose frames nobody has, is ok as before", () => {
    const { chain, frames } = begun();
    chain.run(2);
    const behind = chain.next({ dropped: [range(4, 5)] });
    expect(new JudgeHarness().receive(...frames, behind).giveUp().verdicts).toEqual(Array(5).fill("ok"));
  });
});

describe("what fills a declared gap", () => {
  /** 0, then 4, which declares 1 to 3; and those, which were signed. */
  function gapped() {
    const chain = new Chain();
    const [first, ...lost] = chain.run(4) as Frames;
    const behind = chain.next({ dropped: [range(1, 3)] });
    const desk = new JudgeHarness().receive(first, behind);
    expect(desk.verdicts).toEqual(["ok", "ok"]);
    return { desk, first, lost: lost as Frames };
  }

  test.each([
    { name: "upwards", order: [0, 1, 2] },
    { name: "downwards", order: [2, 1, 0] },
    { name: "from the middle", order: [1, 2, 0] },
  ])("is ok where it reaches from the one end to the other, $name", ({ order }) => {
    const { desk, lost } = gapped();
    desk.receive(...order.map((i) => lost[i] as Uint8Array));
    expect(desk.verdicts).toEqual(Array(5).fill("ok"));
    expect(desk.subject.waiting).toBe(0);
  });

  test("is late, and kept, where it only follows what is before the gap: it may have been made up since", () => {
    const { desk, first } = gapped();
    const invented = makeFrame(undefined, { sequence: 1, prev: prevAfter(first), uptime: 60 });
    desk.receive(invented);
    expect([desk.verdicts.length, desk.subject.waiting]).toEqual([2, 1]);
    desk.now += 30_000;
    desk.giveUp(30_000);
    expect(desk.verdicts).toEqual(["ok", "ok", "late"]);
    expect(desk.kept).toContain(invented);
  });

  test("is late where it only precedes what is behind the gap, or nothing at all", () => {
    const { desk, lost } = gapped();
    desk.receive(lost[2] as Uint8Array, lost[1] as Uint8Array).giveUp();
    expect(desk.verdicts).toEqual(["ok", "ok", "late", "late"]);
    desk.receive(lost[0] as Uint8Array);
    expect(desk.verdicts.at(-1)).toBe("ok");
  });

  test("is equivocation where the frame behind the gap follows another one of its place", () => {
    const { desk, lost } = gapped();
    const other = makeFrame([reading("temperature", "Cel", 1)], {
      sequence: 3,
      prev: prevAfter(lost[1] as Uint8Array),
    });
    desk.receive(other, ...lost, other);
    expect(desk.verdicts).toEqual(["ok", "ok", "equivocation", "ok", "ok", "ok", "equivocation"]);
    expect([desk.evidence.length, desk.kept.length]).toEqual([1, 5]);
  });

  test("is equivocation where another frame came for its place", () => {
    const { desk, lost } = gapped();
    const other = makeFrame(undefined, { sequence: 2, prev: ZEROS });
    desk.receive(other, ...lost).giveUp();
    expect(desk.of("equivocation").map(({ sequence }) => sequence)).toEqual([2]);
    expect(desk.of("ok")).toHaveLength(2);
    expect(desk.evidence).toEqual([lost[1]]);
  });

  test("a clock that fits neither side of the gap is a clock-jump", () => {
    const chain = new Chain();
    const first = chain.next();
    const lost = chain.next({ uptime: 40 });
    const behind = chain.next({ dropped: [range(1, 1)] });
    const desk = new JudgeHarness().receive(first, behind, lost);
    expect(desk.verdicts).toEqual(["ok", "ok", "clock-jump"]);
  });
});

test("of what a device signs for one place, its first 16 are evidence, each once", () => {
  const desk = new JudgeHarness().receive(makeFrame());
  const others = Array.from({ length: 20 }, (_, i) =>
    makeFrame(undefined, { uptime: 61 + i, time: TEST_HEADER.time }),
  );
  desk.receive(...others, ...others);
  expect(desk.of("equivocation")).toHaveLength(40);
  expect(desk.evidence).toEqual(others.slice(0, 16));
  expect(desk.kept).toHaveLength(1);
});
