import { describe, expect, test } from "@jest/globals";
import { CLOCK_UNSET } from "../../../agent/frame/chain.js";
import { type ChainFrame, DeviceChain } from "../../../network/verify/chain.js";
import { createChain, Device, judge, range, say, WAITING } from "./device.js";

type Script = (device: Device) => ChainFrame[];

describe("how a frame continues the chain", () => {
  test.each<{ name: string; script: Script; said: string[] }>([
    { name: "nothing", script: () => [], said: [] },
    {
      name: "from the first frame on",
      script: (d) => d.run(1, 0, 2),
      said: ["1/0 first", "1/1 linked", "1/2 linked"],
    },
    {
      name: "the first boot signed nothing",
      script: (d) => d.run(2, 0, 1),
      said: ["2/0 first", "2/1 linked"],
    },
    {
      name: "over a reset",
      script: (d) => [...d.run(1, 0, 1), ...d.run(3, 0, 1)],
      said: ["1/0 first", "1/1 linked", "3/0 linked", "3/1 linked"],
    },
    {
      name: "joined in the middle: it waits for what came before, then goes on",
      script: (d) => d.run(1, 0, 4).slice(2),
      said: ["1/2 joined in the end", "1/3 linked in the end", "1/4 linked in the end"],
    },
    {
      name: "a later frame's sequence 0 is not the first ever",
      script: (d) => [...d.run(1, 0, 0), ...d.run(2, 0, 0)].slice(1),
      said: ["2/0 joined in the end"],
    },
    {
      name: "out of order",
      script(d) {
        const [a, b, c, e] = d.run(1, 0, 3) as [ChainFrame, ChainFrame, ChainFrame, ChainFrame];
        return [c, a, e, b];
      },
      said: ["1/0 first", "1/1 linked", "1/2 linked", "1/3 linked"],
    },
    {
      name: "one is missing",
      script: (d) => d.run(1, 0, 4).filter(({ frame }) => frame.sequence !== 2),
      said: ["1/0 first", "1/1 linked", "1/3 broken in the end", "1/4 linked in the end"],
    },
    {
      name: "one is missing, and comes when it was given up",
      script(d) {
        const [a, b, c] = d.run(1, 0, 2) as [ChainFrame, ChainFrame, ChainFrame];
        return [a, c, ...d.run(1, 3, 3 + WAITING - 1), b];
      },
      said: [
        "1/0 first",
        "1/2 broken",
        ...Array.from({ length: WAITING }, (_, i) => `1/${3 + i} linked`),
        "1/1 linked after all",
      ],
    },
    {
      name: "the next number, but not the next frame",
      script: (d) => [...d.run(1, 0, 1), d.frame(1, 2, [], "ee".repeat(16)), ...d.run(1, 3, 3)],
      said: ["1/0 first", "1/1 linked", "1/2 broken", "1/3 linked"],
    },
    {
      name: "the next number, but not the next frame, which declares losses",
      script: (d) => [...d.run(1, 0, 1), d.frame(1, 2, [range(1, 0, 1)], "ee".repeat(16))],
      said: ["1/0 first", "1/1 linked", "1/2 broken"],
    },
    {
      name: "the next frame, but not the next number",
      script: (d) => [...d.run(1, 0, 1), d.frame(1, 3)],
      said: ["1/0 first", "1/1 linked", "1/3 broken in the end"],
    },
    {
      name: "the next frame, but not the next number, of which a later frame says why",
      script: (d) => [...d.run(1, 0, 1), d.frame(1, 3), d.frame(1, 4, [range(1, 2, 2)])],
      said: ["1/0 first", "1/1 linked", "1/3 linked", "1/4 linked"],
    },
    {
      name: "the next frame, but a number in the next boot that is not the first",
      script: (d) => [...d.run(1, 0, 0), d.frame(2, 1)],
      said: ["1/0 first", "2/1 broken in the end"],
    },
    {
      name: "zeros again: a history that starts over",
      script: (d) => [...d.run(1, 0, 1), d.frame(2, 0, [], "00".repeat(16))],
      said: ["1/0 first", "1/1 linked", "2/0 broken in the end"],
    },
  ])("$name", ({ script, said }) => {
    expect(judge(script(new Device()))).toEqual(said);
  });
});

describe("what a frame is beside those before it", () => {
  test("the same again is a duplicate, waiting or not, and other bytes are an equivocation", () => {
    const device = new Device();
    const [a, b, c] = device.run(1, 0, 2) as [ChainFrame, ChainFrame, ChainFrame];
    const other = (item: ChainFrame): ChainFrame => ({ ...item, hash: "bb".repeat(16) });
    expect(judge([a, a, other(a), c, c, other(c), b, other(b), c])).toEqual([
      "1/0 first",
      "1/0 duplicate",
      "1/0 equivocation",
      "1/2 duplicate",
      "1/2 equivocation",
      "1/1 linked",
      "1/2 linked",
      "1/1 equivocation",
      "1/2 duplicate",
    ]);
  });

  test("what comes after its declared gap was passed is linked there", () => {
    const device = new Device();
    const [a, b] = device.run(1, 0, 1) as [ChainFrame, ChainFrame];
    expect(judge([a, device.frame(1, 2, [range(1, 1)]), b])).toEqual([
      "1/0 first",
      "1/2 declared-gap",
      "1/1 linked after all",
    ]);
  });

  test("a history that was joined has no past, until it comes", () => {
    const chain = createChain();
    const [a, b, c] = new Device().run(1, 0, 2) as [ChainFrame, ChainFrame, ChainFrame];
    expect(judge([b, c], chain)).toEqual(["1/1 joined in the end", "1/2 linked in the end"]);
    expect(chain.standing(a)).toBe("passed");
    expect(judge([a], chain)).toEqual(["1/0 linked after all"]);
  });
});

describe("a judge that listens since 100", () => {
  const chain = () => new DeviceChain<ChainFrame>(undefined, 100);
  const dated = ({ frame, ...item }: ChainFrame, time: number): ChainFrame => ({
    ...item,
    frame: { ...frame, time },
  });
  /** Of frames 1/0, 1/2, 1/4 ... the others never come. `times`: of those that do. */
  const holes = (...times: number[]) =>
    new Device()
      .run(1, 0, 2 * times.length - 2)
      .filter(({ frame }) => frame.sequence % 2 === 0)
      .map((item, i) => dated(item, times[i] as number))
      .slice(1);

  test("excuses gaps behind frames from before that, and no other", () => {
    expect(judge(holes(96, 97, 99, 100, 101), chain())).toEqual([
      "1/2 joined in the end",
      "1/4 joined in the end",
      "1/6 joined in the end",
      "1/8 broken in the end",
    ]);
  });

  test("excuses none of what an earlier run has kept", () => {
    const kept = holes(96, 97, 98).map((item) => ({ ...item, isOld: true }));
    expect(judge(kept, chain())).toEqual(["1/2 joined in the end", "1/4 broken in the end"]);
  });

  test("excuses none of a board whose clock is not set", () => {
    const frames = holes(96, 97, 98).map(({ frame, ...item }): ChainFrame => {
      return { ...item, frame: { ...frame, time: undefined, clock: CLOCK_UNSET } };
    });
    expect(judge(frames, chain())).toEqual(["1/2 joined in the end", "1/4 broken in the end"]);
  });

  test("excuses no fork, and 16 gaps of a board that dates all its frames back", () => {
    const [, , c, , e] = new Device().run(1, 0, 4).map((item) => dated(item, 99)) as ChainFrame[];
    const fork = { ...(e as ChainFrame).frame, prev: new Uint8Array(16) };
    expect(judge([c as ChainFrame, { ...(e as ChainFrame), frame: fork }], chain())).toEqual([
      "1/2 joined in the end",
      "1/4 broken in the end",
    ]);
    const said = judge(holes(...Array.from({ length: 20 }, () => 99)), chain());
    expect(said.map((one) => one.split(" ")[1])).toEqual([
      ...Array.from({ length: 17 }, () => "joined"),
      "broken",
      "broken",
    ]);
  });

  test("has room for what comes for such a gap after all", () => {
    const frames = new Device().run(1, 0, 4).map((item) => dated(item, 99));
    const [, b, c, d, e] = frames as [ChainFrame, ChainFrame, ChainFrame, ChainFrame, ChainFrame];
    const listening = chain();
    expect(judge([b, e], listening)).toEqual(["1/1 joined in the end", "1/4 joined in the end"]);
    expect(judge([d, c], listening)).toEqual(["1/3 linked after all", "1/2 linked after all"]);
  });
});

describe("waiting", () => {
  test("ends when too many wait, not before, and then for one gap at a time", () => {
    const chain = createChain();
    const frames = new Device().run(1, 0, 200);
    const said: string[] = [];
    const add = (item: ChainFrame) => {
      chain.add(item);
      for (const settled of chain.settled()) said.push(say(settled));
    };
    add(frames[0] as ChainFrame);
    for (const item of frames.slice(2, 2 + WAITING)) add(item);
    expect([said, chain.waiting]).toEqual([["1/0 first"], WAITING]);
    add(frames[3 + WAITING] as ChainFrame); // another gap before this one
    expect(said[1]).toBe("1/2 broken");
    expect([said.length, chain.waiting]).toEqual([1 + WAITING, 1]);
    expect(said.slice(2).every((one) => one.endsWith("linked"))).toBe(true);
  });

  test("joined in the middle, it ends the same way", () => {
    const chain = createChain();
    for (const item of new Device().run(1, 5, 5 + WAITING)) chain.add(item);
    const said = [...chain.settled()].map(say);
    expect([said[0], said[1], said.length]).toEqual(["1/5 joined", "1/6 linked", WAITING + 1]);
  });
});
