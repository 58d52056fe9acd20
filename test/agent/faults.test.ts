import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { UplinkConfig } from "../../agent/uplink/uplink.js";
import { runs } from "../support/runs.js";
import { AgentHarness, countingSensor } from "./agent-harness.js";
import { flawsOf } from "./traffic.js";

const FAULTS = ["kill", "restart", "freeze", "thaw", "mute", "unmute", "slow", "fast"] as const;
interface Fault {
  readonly after: number;
  readonly broker: number;
  readonly fault: (typeof FAULTS)[number];
}

function apply(rig: AgentHarness, { broker: index, fault }: Fault): void {
  const broker = rig.brokers[index];
  if (broker === undefined) return;
  if (fault === "kill") broker.kill();
  if (fault === "restart") broker.restart();
  if (fault === "freeze" || fault === "thaw") broker.frozen = fault === "freeze";
  if (fault === "mute" || fault === "unmute") broker.mute = fault === "mute";
  if (fault === "slow" || fault === "fast") broker.latency = fault === "slow" ? 900 : 5;
}

const schedule = fc.array(
  fc.record({ after: fc.nat(4000), broker: fc.nat(2), fault: fc.constantFrom(...FAULTS) }),
  { maxLength: 30 },
);

/** Sectors of flash: of the small one, 20 to 40 frames fit into what need not be erased. */
const LARGE = 64;
const SMALL = 3;

describe("property: whatever three brokers do", () => {
  test.each([
    {
      name: "a journal that is large enough: everything arrives",
      copies: 2,
      needed: 2,
      sectors: LARGE,
      seed: 101,
    },
    { name: "one copy of each frame: everything arrives", copies: 1, needed: 1, sectors: LARGE, seed: 102 },
    {
      name: "three copies, of which two are enough: everything arrives",
      copies: 3,
      needed: 2,
      sectors: LARGE,
      seed: 104,
    },
    {
      name: "the newest first: everything arrives",
      copies: 2,
      needed: 1,
      sectors: LARGE,
      order: "newest",
      seed: 105,
    },
    {
      name: "a small journal: what does not arrive is declared",
      copies: 2,
      needed: 2,
      sectors: SMALL,
      seed: 103,
    },
  ] as const)("$name", ({ copies, needed, sectors, seed, ...more }) => {
    const order: UplinkConfig["order"] = "order" in more ? more.order : "oldest";
    const run = (faults: readonly Fault[], board: number) => {
      const rig = new AgentHarness({ brokers: 3, seed: board });
      const backoff = { min: 100, max: 2000 };
      const uplink = {
        copies,
        acknowledgements: needed,
        window: 6,
        timeout: 1500,
        backoff,
        absent: 4000,
        order,
      };
      const agent = rig.boot({ uplink }, [countingSensor(300)], sectors);
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

      expect(rig.unsettled).toEqual([]);
      // A frame that is pushed out of the journal leaves its place in the window while brokers still owe for it.
      const isWhole = needed === copies && sectors === LARGE;
      expect(flawsOf(rig.traffic, copies, isWhole ? 6 : undefined)).toEqual([]);
      if (sectors === LARGE) expect(rig.frames()).toHaveLength(rig.of("signed").length);
      expect([rig.of("storage-failed"), rig.of("sector-failed")]).toEqual([[], []]);
      agent.stop();
      expect(rig.world.pending).toBeLessThanOrEqual(3 * (6 + 2)); // a broker's answers to nobody, statuses among them
      rig.world.advance(60_000);
      expect(rig.world.pending).toBe(0);
    };
    fc.assert(fc.property(schedule, fc.nat(1000), run), { numRuns: runs(40, 5), seed });
  });
});

test("an outage longer than the journal is declared by the frames that follow it, and then no more", () => {
  const rig = new AgentHarness({ brokers: 2 });
  const agent = rig.boot({}, [countingSensor(1000)], SMALL);
  agent.start();
  rig.world.advance(4500);
  for (const broker of rig.brokers) broker.kill();
  rig.world.advance(100_000);
  for (const broker of rig.brokers) broker.restart();
  rig.world.advance(60_000);
  expect(rig.unsettled).toEqual([]);
  const declared = new Set(rig.frames().flatMap(({ dropped }) => dropped.map(({ first }) => first)));
  expect([...declared]).toEqual([5]);
  expect(rig.frames().at(-1)?.dropped).toEqual([]);
});
