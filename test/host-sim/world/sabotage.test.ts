import { describe, expect, test } from "@jest/globals";
import { ORACLE_NAMES } from "../../../host-sim/world/oracles/all.js";
import type { Fault } from "../../../host-sim/world/plan.js";
import { run } from "../../../host-sim/world/run.js";
import { isSabotage, SABOTAGE_NAMES, type SabotageName } from "../../../host-sim/world/sabotage/all.js";
import { search, seedsFrom } from "../../../host-sim/world/search.js";
import { HOUR, MINUTE, optionsOf } from "./options.js";

/** Seeds, from 1 on, within which each must be found: 8 boards, 4 hours, all faults. And the oracles of which one must find it, the others being asleep. */
const WITHIN: Readonly<Record<SabotageName, readonly [seeds: number, oracles: readonly string[]]>> = {
  "skip-flush": [2, ["chain", "remembered", "accounted", "progress", "equivocation"]],
  "forget-boot": [1, ["equivocation"]],
  "acknowledge-early": [3, ["delivered", "chain"]],
  "give-up-early": [1, ["copies"]],
  "wait-for-ever": [3, ["patience"]],
  "count-dead-brokers": [2, ["progress", "delivered"]],
  "believe-all": [4, ["delivered", "chain"]],
  "never-resend": [1, ["progress"]],
  "ignore-frozen": [1, ["progress"]],
  "slow-to-notice": [1, ["sessions"]],
  "no-substitute": [1, ["sessions"]],
  "send-twice": [1, ["copies"]],
  "newest-only": [4, ["order"]],
  "no-back-off": [1, ["herd", "bounds"]],
  "no-jitter": [1, ["herd"]],
  "little-jitter": [1, ["herd"]],
  "sign-again": [1, ["equivocation"]],
  "reuse-early": [3, ["progress", "chain", "accounted"]],
  "forget-losses": [3, ["chain", "accounted"]],
  "trust-torn": [4, ["chain", "remembered", "accounted", "crash", "equivocation"]],
  "take-clock-as-set": [1, ["dates"]],
  "format-at-boot": [2, ["remembered", "chain"]],
  "asleep-after-watchdog": [1, ["heard"]],
  "shared-fate": [3, ["cadence"]],
  "throw-seldom": [1, ["crash"]],
  "stay-away": [1, ["progress", "bounds"]],
  "declare-more": [1, ["losses"]],
  "declare-for-ever": [4, ["losses"]],
  "declare-delivered": [1, ["losses"]],
  "never-record": [1, ["remembered"]],
  "kept-as-set": [1, ["readings"]],
  "repeat-last": [1, ["readings"]],
  "lose-reading": [1, ["readings"]],
  "all-is-well": [1, ["status"]],
  "no-chain": [1, ["cheat"]],
  "no-signature": [1, ["cheat"]],
  "no-memory": [1, ["delivered"]],
  "acknowledge-first": [3, ["delivered", "chain"]],
};

const AN_HOUR = { at: 10 * MINUTE, for: HOUR, how: {} };
/** Two of three brokers are there and take nothing, for longer than the boards of every third seed wait. */
const TWO_ILL: readonly Fault[] = [
  { ...AN_HOUR, kind: "mute", whom: "broker-0" },
  { ...AN_HOUR, kind: "refuse", whom: "broker-1" },
];
/** What a seed's own plan seldom has, and a sabotage takes to be found. */
const PLANS: Partial<Record<SabotageName, readonly Fault[]>> = { "wait-for-ever": TWO_ILL };

describe("what is broken on purpose is found", () => {
  test("there are at least 14, and each has its row", () => {
    expect(Object.keys(WITHIN).sort()).toEqual([...SABOTAGE_NAMES].sort());
    expect(SABOTAGE_NAMES.length).toBeGreaterThanOrEqual(14);
  });

  test("no oracle is without a sabotage that it must find", () => {
    expect([...new Set(Object.values(WITHIN).flatMap(([, oracles]) => oracles))].sort()).toEqual(
      [...ORACLE_NAMES].sort(),
    );
  });

  test.each(Object.entries(WITHIN))("%s within %j", (sabotage, [seeds, oracles]) => {
    if (!isSabotage(sabotage)) throw new Error(`no sabotage: ${sabotage}`);
    const options = optionsOf({ devices: 8, duration: 4 * HOUR, oracles, sabotage, plan: PLANS[sabotage] });
    const tally = { runs: 0, simulated: 0, signed: 0, cuts: 0 };
    const found = search(seedsFrom(options, seeds), tally, () => false);
    expect(found?.result.failure.message).toMatch(/./);
  });

  test("a reset that forgets what waits is noticed at once", () => {
    const plan: Fault[] = [
      { at: 10 * MINUTE, for: 20 * MINUTE, kind: "radio-lost", whom: "board-0", how: {} },
      { at: 20 * MINUTE, for: 0, kind: "watchdog", whom: "board-0", how: { off: 20 } },
    ];
    const { failure } = run(optionsOf({ devices: 1, plan, sabotage: "format-at-boot" }));
    expect(failure).toMatchObject({ oracle: "remembered", board: "board-0" });
    expect(failure?.at).toBeGreaterThan(20 * MINUTE);
    expect(failure?.at).toBeLessThan(21 * MINUTE);
    expect(run(optionsOf({ devices: 1, plan })).failure).toBeNull();
  });

  test("boards go on beside two brokers that take nothing, once they have waited for long enough", () => {
    let trace = "";
    const options = optionsOf({ seed: 3, devices: 2, duration: 2 * HOUR, plan: TWO_ILL });
    const { failure } = run(options, (lines) => {
      trace += lines;
    });
    expect(failure).toBeNull();
    const left = trace.split("\n").filter((line) => / acknowledged /.test(line));
    const whileIll = left.filter((line) => {
      const at = Number(line.split(" ")[0]);
      return at > 40 * MINUTE && at < 70 * MINUTE;
    });
    expect(whileIll.length).toBeGreaterThan(10);
  });

  test("and is whole again afterwards", () => {
    expect(run(optionsOf({ devices: 2 })).failure).toBeNull();
  });
});
