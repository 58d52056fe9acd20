import { describe, expect, test } from "@jest/globals";
import type { DroppedRange } from "../../../agent/frame/chain.js";
import { type ChainFrame, DeviceChain } from "../../../network/verify/chain.js";
import { Gaps, type Tip } from "../../../network/verify/gaps.js";
import { PositionRanges } from "../../../network/verify/position-ranges.js";
import { Shares } from "../../../network/verify/shares.js";
import { Device } from "./device.js";

/** Counts how often something of it is read: work that no machine's speed changes. */
class Work {
  reads = 0;

  counted<T extends object>(target: T): T {
    return new Proxy(target, {
      get: (of, name, self) => {
        this.reads++;
        return Reflect.get(of, name, self) as unknown;
      },
    });
  }
}

/** Ranges that one frame may declare. */
const DECLARED = 16;
const FRAMES = 1000;

/** A frame each 100 numbers, that declares 16 ranges before it which nobody declared before, and never all that is missing. */
function hostile(work: Work): ChainFrame[] {
  const device = new Device();
  return Array.from({ length: FRAMES }, (_, i) => {
    const at = 100 * (i + 1);
    const dropped = Array.from({ length: DECLARED }, (_unused, n): DroppedRange => {
      const first = at - 99 + 4 * n;
      return work.counted({ boot: 1, first, last: first + 1 });
    });
    return device.frame(1, at, dropped);
  });
}

describe("the work of a frame does not grow with what its device declared before", () => {
  test("of 16,000 ranges that nothing fills, each is read a few times", () => {
    const work = new Work();
    const frames = hostile(work);
    const chain = new DeviceChain<ChainFrame>();
    for (const item of frames) {
      chain.standing(item);
      chain.add(item);
      for (const _ of chain.settled());
      chain.declared(item.frame);
    }
    for (const _ of chain.giveUp());
    expect(work.reads).toBeLessThanOrEqual(12 * DECLARED * FRAMES);
  });

  test("nor with the gaps that are open: each declared range is held against 64 of them at the most", () => {
    const work = new Work();
    const chain = new DeviceChain<ChainFrame>(1);
    const device = new Device();
    for (let i = 0; i < 200; i++) {
      chain.add(device.frame(1, 10 * i, [], "ee".repeat(16)));
      for (const _ of chain.giveUp());
    }
    const losses = Array.from({ length: DECLARED }, (_, n) =>
      work.counted({ boot: 1, first: 10 * n + 1, last: 10 * n + 2 }),
    );
    for (let i = 0; i < FRAMES; i++) chain.declared({ ...device.frame(1, 5000 + i, losses).frame });
    expect(work.reads).toBeLessThanOrEqual(64 * 6 * DECLARED * FRAMES);
  });

  test("what is known of it is bounded: 256 ranges, 256 stretches of frames, 64 gaps", () => {
    const chain = new DeviceChain<ChainFrame>();
    const empty = chain.bytes;
    let waiting = 0;
    for (const item of hostile(new Work())) {
      chain.add(item);
      for (const _ of chain.settled());
      waiting += item.frame.bytes.length;
    }
    expect(chain.waiting).toBe(FRAMES);
    expect(chain.bytes - empty - waiting).toBeLessThan(160 * 1024);
    for (const _ of chain.giveUp());
    expect(chain.bytes - empty).toBeLessThan(160 * 1024);
  });

  test("a look after missing frames asks each gap once, and again only when there is news", () => {
    const gaps = new Gaps<number>();
    const work = new Work();
    const link = (sequence: number): Tip => ({
      boot: 1,
      sequence,
      hash: sequence.toString(16).padStart(32, "0"),
      uptime: sequence,
      clock: 2,
      time: 1_795_000_000,
    });
    for (let i = 0; i < 64; i++)
      gaps.open(link(10 * i), link(10 * i + 9), "ee".repeat(16), {
        type: "undeclared",
        losses: new PositionRanges(),
      });
    const status = work.counted({ boot: 1, uptime: 1e6, queue: 0, oldest: 0, dropped: 1 });
    gaps.look(status, 0, 0);
    const once = work.reads;
    for (let i = 0; i < FRAMES; i++) gaps.look(status, 0, i);
    expect(once).toBeGreaterThan(0);
    expect(work.reads).toBe(once);
  });
});

test("the one that takes most is found without a look at the others", () => {
  const shares = new Shares<object>();
  const members = Array.from({ length: 10_000 }, () => ({}));
  for (const [i, member] of members.entries()) shares.set(member, 100 + (i % 50));
  shares.set(members[77] as object, 1000);
  expect(shares.largest()).toBe(members[77]);
  const total = shares.total;
  shares.set(members[77] as object, 0);
  expect(shares.total).toBe(total - 1000);
  expect(shares.largest()).not.toBe(members[77]);
  for (const member of members) shares.set(member, 0);
  expect([shares.largest(), shares.total]).toEqual([undefined, 0]);
});
