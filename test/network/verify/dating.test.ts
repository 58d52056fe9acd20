import { describe, expect, test } from "@jest/globals";
import type { FrameHeader } from "../../../agent/frame/write.js";
import { makeFrame, reading, TEST_HEADER } from "../../support/frames.js";
import { JudgeHarness } from "../../support/judge-harness.js";
import { Chain } from "./board.js";

const T = TEST_HEADER.time;

describe("frames of a board whose clock was not set", () => {
  const unset = (uptime: number): Partial<FrameHeader> => ({ clock: 0, uptime });
  const dates = (judge: JudgeHarness) =>
    judge.judgements.map(({ time, readings }) => [time, readings?.[0]?.time]);

  test("wait, and are dated by the next frame of the boot that has a time", () => {
    const chain = new Chain();
    const judge = new JudgeHarness();
    judge.receive(chain.next(unset(10)), chain.next(unset(25), [reading("temperature", "Cel", 1, 0, 500)]));
    expect([judge.verdicts, judge.subject.waiting]).toEqual([[], 2]);
    judge.receive(chain.next({ uptime: 100, time: T }));
    expect([judge.verdicts, judge.subject.waiting]).toEqual([["ok", "ok", "ok"], 0]);
    expect(dates(judge)).toEqual([
      [T - 90, T - 90],
      [T - 75, T - 75.5],
      [T, T],
    ]);
    expect(judge.judgements.map(({ clock }) => clock)).toEqual([0, 0, 2]);
  });

  test("are dated at once where the boot's time is known, also a duplicate", () => {
    const chain = new Chain();
    const judge = new JudgeHarness().receive(chain.next({ uptime: 100, time: T }));
    const undated = chain.next(unset(130));
    judge.receive(undated, undated);
    expect(judge.verdicts).toEqual(["ok", "ok", "duplicate"]);
    expect(dates(judge)).toEqual([
      [T, T],
      [T + 30, T + 30],
      [T + 30, T + 30],
    ]);
  });

  test("of the next boot are not dated by this one's clock", () => {
    const chain = new Chain();
    const judge = new JudgeHarness().receive(chain.next({ uptime: 100, time: T }));
    judge.receive(chain.next({ boot: 2, sequence: 0, ...unset(5) })).giveUp();
    expect(dates(judge)).toEqual([
      [T, T],
      [null, null],
    ]);
  });

  test("have no date where the next boot starts before there was one", () => {
    const chain = new Chain();
    const judge = new JudgeHarness().receive(chain.next(unset(10)), chain.next(unset(20)));
    judge.receive(chain.next({ boot: 2, sequence: 0, uptime: 1, time: T }));
    expect(judge.verdicts).toEqual(["ok", "ok", "ok"]);
    expect(dates(judge)).toEqual([
      [null, null],
      [null, null],
      [T, T],
    ]);
  });

  test("have no date where nothing comes for as long as patience lasts", () => {
    const chain = new Chain();
    const judge = new JudgeHarness().receive(chain.next(unset(10)));
    judge.now += 29_999;
    expect(judge.giveUp(30_000).verdicts).toEqual([]);
    judge.now += 1;
    expect(judge.giveUp(30_000).verdicts).toEqual(["ok"]);
    expect(dates(judge)).toEqual([[null, null]]);
  });

  test("do not wait longer than patience because more of the kind come", () => {
    const chain = new Chain();
    const judge = new JudgeHarness();
    for (let second = 0; second <= 30; second++) {
      judge.receive(chain.next(unset(second)));
      judge.giveUp(30_000);
      judge.now += 1000;
    }
    expect(judge.giveUp(30_000).of("ok").length).toBeGreaterThanOrEqual(1);
  });

  test("are not more than 65 that wait", () => {
    const chain = new Chain();
    const judge = new JudgeHarness();
    for (let i = 0; i < 200; i++) {
      judge.receive(chain.next(unset(i)));
      expect(judge.subject.waiting).toBeLessThanOrEqual(65);
    }
    expect(judge.of("ok").length).toBeGreaterThanOrEqual(130);
  });

  test("a clock that was kept over a reset dates, too", () => {
    const chain = new Chain();
    const judge = new JudgeHarness().receive(
      chain.next(unset(10)),
      chain.next({ uptime: 100, clock: 1, time: T }),
    );
    expect(dates(judge)).toEqual([
      [T - 90, T - 90],
      [T, T],
    ]);
  });

  test("a frame from the future dates nothing, and delays nothing", () => {
    const chain = new Chain();
    const judge = new JudgeHarness().receive(
      chain.next(unset(10)),
      chain.next({ uptime: 20, time: T + 1e8 }),
    );
    expect(judge.verdicts).toEqual(["ok", "future"]);
    expect(judge.judgements[0]?.time).toBeNull();
    judge.receive(chain.next(unset(30)), chain.next({ uptime: 40, time: T }));
    expect(judge.verdicts).toEqual(["ok", "future", "ok", "ok"]);
    expect(judge.judgements[2]?.time).toBe(T - 10);
  });

  test("one that is out of range or breaks the chain waits for its date like the others", () => {
    const chain = new Chain();
    const judge = new JudgeHarness().receive(chain.next(unset(10), [reading("temperature", "Cel", 9000)]));
    chain.next(unset(20));
    judge
      .receive(chain.next(unset(30)))
      .receive(chain.next({ uptime: 100, time: T }))
      .giveUp();
    expect(judge.judgements.map(({ verdict, time }) => [verdict, time])).toEqual([
      ["out-of-range", T - 90],
      ["broken-chain", T - 70],
      ["ok", T],
    ]);
  });
});

test.each([
  { ahead: 300, verdict: "ok" },
  { ahead: 301, verdict: "future" },
] as const)("a frame dated $ahead s after the judge's clock is $verdict", ({ ahead, verdict }) => {
  expect(new JudgeHarness((T - ahead) * 1000).receive(makeFrame()).verdicts).toEqual([verdict]);
});
