import { describe, expect, test } from "@jest/globals";
import type { ChainFrame } from "../../../network/verify/chain.js";
import { Device, judge, range } from "./device.js";

type Script = (device: Device) => ChainFrame[];

describe("gaps that are declared", () => {
  /** Frames `from` to `to` are signed, and never come. */
  const lose = (device: Device, boot: number, from: number, to = from) => void device.run(boot, from, to);

  test.each<{ name: string; script: Script; said: string[] }>([
    {
      name: "in the frame after it",
      script(d) {
        const start = d.run(1, 0, 1);
        lose(d, 1, 2, 4);
        return [...start, d.frame(1, 5, [range(1, 2, 4)]), ...d.run(1, 6, 6)];
      },
      said: ["1/0 first", "1/1 linked", "1/5 declared-gap", "1/6 linked"],
    },
    {
      name: "in a later frame: the first waits for it",
      script(d) {
        const start = d.run(1, 0, 1);
        lose(d, 1, 2, 4);
        return [...start, ...d.run(1, 5, 6), d.frame(1, 7, [range(1, 2, 4)])];
      },
      said: ["1/0 first", "1/1 linked", "1/5 declared-gap", "1/6 linked", "1/7 linked"],
    },
    {
      name: "by several ranges",
      script(d) {
        const start = d.run(1, 0, 1);
        lose(d, 1, 2, 4);
        return [...start, d.frame(1, 5, [range(1, 3, 4)]), d.frame(1, 6, [range(1, 1, 2)])];
      },
      said: ["1/0 first", "1/1 linked", "1/5 declared-gap", "1/6 linked"],
    },
    {
      name: "by more than is missing",
      script(d) {
        const start = d.run(1, 0, 1);
        lose(d, 1, 2, 4);
        return [...start, d.frame(1, 5, [range(1, 0, 4)])];
      },
      said: ["1/0 first", "1/1 linked", "1/5 declared-gap"],
    },
    {
      name: "by less than is missing, at the end",
      script(d) {
        const start = d.run(1, 0, 1);
        lose(d, 1, 2, 4);
        return [...start, d.frame(1, 5, [range(1, 2, 3)])];
      },
      said: ["1/0 first", "1/1 linked", "1/5 broken in the end"],
    },
    {
      name: "by less than is missing, at the start",
      script(d) {
        const start = d.run(1, 0, 1);
        lose(d, 1, 2, 4);
        return [...start, d.frame(1, 5, [range(1, 3, 4)])];
      },
      said: ["1/0 first", "1/1 linked", "1/5 broken in the end"],
    },
    {
      name: "with a hole in the middle",
      script(d) {
        const start = d.run(1, 0, 1);
        lose(d, 1, 2, 4);
        return [...start, d.frame(1, 5, [range(1, 2), range(1, 4)])];
      },
      said: ["1/0 first", "1/1 linked", "1/5 broken in the end"],
    },
    {
      name: "in another boot",
      script(d) {
        const start = d.run(2, 0, 1);
        lose(d, 2, 2, 4);
        return [...start, d.frame(2, 5, [range(1, 2, 4)])];
      },
      said: ["2/0 first", "2/1 linked", "2/5 broken in the end"],
    },
    {
      name: "a frame that was never kept: the next names the one before",
      script: (d) => [...d.run(1, 0, 1), d.frame(1, 3, [range(1, 2)])],
      said: ["1/0 first", "1/1 linked", "1/3 linked"],
    },
    // Into another boot: frames that nobody knows of may still come, so the gap counts as declared when waiting has an end.
    {
      name: "the end of a boot",
      script(d) {
        const start = d.run(1, 0, 1);
        lose(d, 1, 2, 4);
        return [...start, d.frame(2, 0, [range(1, 2, 4)]), ...d.run(2, 1, 1)];
      },
      said: ["1/0 first", "1/1 linked", "2/0 declared-gap in the end", "2/1 linked in the end"],
    },
    {
      name: "the end of a boot, with frames that did come",
      script(d) {
        const start = d.run(1, 0, 3);
        lose(d, 1, 4, 5);
        return [...start, d.frame(2, 0, [range(1, 1, 5)])];
      },
      said: ["1/0 first", "1/1 linked", "1/2 linked", "1/3 linked", "2/0 declared-gap in the end"],
    },
    {
      name: "only frames that did come, and others are missing",
      script(d) {
        const start = d.run(1, 0, 3);
        lose(d, 1, 4, 5);
        return [...start, d.frame(2, 0, [range(1, 1, 3)])];
      },
      said: ["1/0 first", "1/1 linked", "1/2 linked", "1/3 linked", "2/0 broken in the end"],
    },
    {
      name: "not from the frame after the last that came",
      script(d) {
        const start = d.run(1, 0, 1);
        lose(d, 1, 2, 4);
        return [...start, d.frame(2, 0, [range(1, 3, 4)])];
      },
      said: ["1/0 first", "1/1 linked", "2/0 broken in the end"],
    },
    {
      name: "a whole boot",
      script(d) {
        const start = d.run(1, 0, 1);
        lose(d, 2, 0, 4);
        return [...start, d.frame(3, 0, [range(2, 0, 4)])];
      },
      said: ["1/0 first", "1/1 linked", "3/0 declared-gap in the end"],
    },
    {
      name: "the start of a boot",
      script(d) {
        const start = d.run(1, 0, 1);
        lose(d, 2, 0, 2);
        return [...start, d.frame(2, 3, [range(2, 0, 2)])];
      },
      said: ["1/0 first", "1/1 linked", "2/3 declared-gap in the end"],
    },
    {
      name: "the start of a boot, not all of it",
      script(d) {
        const start = d.run(1, 0, 1);
        lose(d, 2, 0, 2);
        return [...start, d.frame(2, 3, [range(2, 0, 1)])];
      },
      said: ["1/0 first", "1/1 linked", "2/3 broken in the end"],
    },
    {
      name: "the end of one boot and the start of the next",
      script(d) {
        const start = d.run(1, 0, 1);
        lose(d, 1, 2, 3);
        lose(d, 2, 0, 1);
        return [...start, d.frame(2, 2, [range(1, 2, 3), range(2, 0, 1)])];
      },
      said: ["1/0 first", "1/1 linked", "2/2 declared-gap in the end"],
    },
    {
      name: "in a later frame of the next boot",
      script(d) {
        const start = d.run(1, 0, 1);
        lose(d, 1, 2, 3);
        return [...start, ...d.run(2, 0, 1), d.frame(2, 2, [range(1, 2, 3)])];
      },
      said: [
        "1/0 first",
        "1/1 linked",
        "2/0 declared-gap in the end",
        "2/1 linked in the end",
        "2/2 linked in the end",
      ],
    },
    {
      name: "a loss that was declared for one gap explains no later one",
      script(d) {
        const start = d.run(1, 0, 1);
        lose(d, 1, 2, 4);
        const after = [d.frame(1, 5, [range(1, 2, 4)])];
        lose(d, 1, 6);
        return [...start, ...after, d.frame(1, 7, [range(1, 2, 4)])];
      },
      said: ["1/0 first", "1/1 linked", "1/5 declared-gap", "1/7 broken in the end"],
    },
  ])("$name", ({ script, said }) => {
    expect(judge(script(new Device()))).toEqual(said);
  });
});
