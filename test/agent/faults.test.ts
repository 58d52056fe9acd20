import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { DroppedRange, Position } from "../../agent/frame/chain.js";
import { runs } from "../support/runs.js";
import { countingSensor, Rig } from "./rig.js";
import { flawsOf } from "./traffic.js";

const FAULTS = ["kill", "restart", "freeze", "thaw", "mute", "unmute", "slow", "fast"] as const;
interface Fault {
  readonly after: number;
  readonly broker: number;
  readonly fault: (typeof FAULTS)[number];
}

function apply(rig: Rig, { broker: index, fault }: Fault): void {
  const broker = rig.brokers[index];
  if (broker === undefined) return;
  if (fault === "kill") broker.kill();
  if (fault === "restart") broker.restart();
  if (fault === "freeze" || fault === "thaw") broker.frozen = fault === "freeze";
  if (fault === "mute" || fault === "unmute") broker.mute = fault === "mute";
  if (fault === "slow" || fault === "fast") broker.latency = fault === "slow" ? 900 : 5;
}

const key = ({ boot, sequence }: Position) => `${boot}/${sequence}`;
const positions = ({ boot, first, last }: DroppedRange) =>
  Array.from({ length: last - first + 1 }, (_, i) => ({ boot, sequence: first + i }));

/** Positions that were signed, and neither arrived nor were declared lost by a frame that did. */
function missing(rig: Rig): string[] {
  const known = new Set<string>();
  for (const frame of rig.frames()) {
    known.add(key(frame));
    for (const position of frame.dropped.flatMap(positions)) known.add(key(position));
  }
  return rig
    .of("signed")
    .map(({ position }) => key(position))
    .filter((one) => !known.has(one));
}

const schedule = fc.array(
  fc.record({ after: fc.nat(4000), broker: fc.nat(2), fault: fc.constantFrom(...FAULTS) }),
  { maxLength: 30 },
);

describe("property: whatever three brokers do", () => {
  test.each([
    { name: "an outbox that is large enough: everything arrives", copies: 2, capacity: 512, seed: 101 },
    { name: "one copy of each frame: everything arrives", copies: 1, capacity: 512, seed: 102 },
    { name: "a small outbox: what does not arrive is declared", copies: 2, capacity: 8, seed: 103 },
  ])("$name", ({ copies, capacity, seed }) => {
    const run = (faults: readonly Fault[], board: number) => {
      const rig = new Rig({ brokers: 3, seed: board });
      const uplink = { copies, window: 6, timeout: 1500, backoff: { min: 100, max: 2000 } };
      const agent = rig.boot({ uplink }, [countingSensor(300)], capacity);
      agent.start();
      for (const fault of faults) {
        rig.world.advance(fault.after);
        apply(rig, fault);
      }
      for (const [index] of rig.brokers.entries())
        for (const fault of ["restart", "unmute", "fast"] as const)
          apply(rig, { after: 0, broker: index, fault });
      rig.world.advance(15_000);
      agent.finish();
      rig.world.advance(5000);

      expect(missing(rig)).toEqual([]);
      expect([rig.outbox.pending, rig.outbox.losses]).toEqual([0, []]);
      expect(flawsOf(rig.traffic, copies)).toEqual([]);
      if (capacity > 100) expect(rig.frames()).toHaveLength(rig.of("signed").length);
      agent.stop();
      expect(rig.world.pending).toBeLessThanOrEqual(3 * 6); // a broker's answers to nobody
      rig.world.advance(60_000);
      expect(rig.world.pending).toBe(0);
    };
    fc.assert(fc.property(schedule, fc.nat(1000), run), { numRuns: runs(40, 5), seed });
  });
});

test("an outage longer than the outbox is declared by the frames that follow it, in one range", () => {
  const rig = new Rig({ brokers: 2 });
  const agent = rig.boot({}, [countingSensor(1000)], 8);
  agent.start();
  rig.world.advance(4500);
  for (const broker of rig.brokers) broker.kill();
  rig.world.advance(30_000);
  for (const broker of rig.brokers) broker.restart();
  rig.world.advance(20_000);
  expect(missing(rig)).toEqual([]);
  const declared = new Set(rig.frames().flatMap(({ dropped }) => dropped.map(({ first }) => first)));
  expect([...declared]).toEqual([5]);
  expect(rig.frames().at(-1)?.dropped).toEqual([]);
});
