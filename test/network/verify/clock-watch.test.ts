import { describe, expect, test } from "@jest/globals";
import type { ClockState } from "../../../agent/frame/chain.js";
import { ClockWatch, type Moment } from "../../../network/verify/clock-watch.js";

const T = 1_795_000_000;
const DAY = 86_400;
/** A frame of boot 1; `off`: seconds by which the board's clock is off. */
const at = (uptime: number, off = 0, clock: ClockState = 2, boot = 1): Moment => ({
  boot,
  uptime,
  clock,
  time: clock === 0 ? undefined : T + uptime + off,
});

/** Which of the frames jump. */
function jumps(moments: readonly Moment[]): boolean[] {
  const watch = new ClockWatch();
  return moments.map((moment) => watch.jump(moment, false) !== undefined);
}

describe("within a boot", () => {
  test.each<{ name: string; moments: Moment[]; jumps: boolean[] }>([
    { name: "as time goes by", moments: [at(1), at(1), at(5000)], jumps: [false, false, false] },
    { name: "uptime falls by a second", moments: [at(10), at(9)], jumps: [false, true] },
    { name: "and goes on from there", moments: [at(10), at(5), at(6)], jumps: [false, true, false] },
    { name: "uptime falls in the next boot", moments: [at(10), at(1, 0, 2, 2)], jumps: [false, false] },
    {
      name: "the rounding of whole seconds",
      moments: [at(1), at(2, 1), at(3, -1)],
      jumps: [false, false, false],
    },
    { name: "a better time server", moments: [at(1), at(9, 38), at(20, -1)], jumps: [false, false, false] },
    { name: "a minute", moments: [at(1), at(2, 60)], jumps: [false, true] },
    {
      name: "a minute back, once",
      moments: [at(90), at(99, -60), at(120, -60)],
      jumps: [false, true, false],
    },
    {
      name: "little by little: what counts is the first",
      moments: [0, 30, 60, 90, 120].map((off, i) => at(i, off)),
      jumps: [false, false, true, false, true],
    },
    { name: "a crystal that drifts for a month", moments: [at(1), at(30 * DAY, 290)], jumps: [false, false] },
    { name: "more than that, however long", moments: [at(1), at(900 * DAY, 310)], jumps: [false, true] },
    {
      name: "the clock is set: kept, then by the network",
      moments: [at(1, 0, 0), at(2, -9000, 1), at(3, 0, 2)],
      jumps: [false, false, false],
    },
    {
      name: "a state that comes and goes is no way to move on",
      moments: [at(1), at(2, 0, 0), at(3, 9000), at(4, 500, 1), at(5, 9000), at(6, 9000, 1)],
      jumps: [false, false, true, false, false, true],
    },
  ])("$name", ({ moments, jumps: expected }) => {
    expect(jumps(moments)).toEqual(expected);
  });

  test("a date that is not believed is nothing to go by", () => {
    const watch = new ClockWatch();
    expect(watch.jump(at(1, 1e8), true)).toBeUndefined();
    expect(watch.jump(at(2), false)).toBeUndefined();
    expect(watch.jump(at(3, 1e8), true)).toBeUndefined();
    expect(watch.jump(at(4), false)).toBeUndefined();
  });
});
