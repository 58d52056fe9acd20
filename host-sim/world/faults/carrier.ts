import type { Dice } from "../dice.js";
import type { Toxic } from "../route.js";
import { type FaultKind, lasting } from "./kind.js";

const SECOND = 1000;
const MINUTE = 60_000;
const BOTH = ["up", "down"] as const;

/** A toxic on one way, in one direction or both. */
function toxic(
  kind: Toxic["kind"],
  numbers: (dice: Dice) => Partial<Pick<Toxic, "delay" | "jitter" | "rate">>,
): FaultKind {
  return {
    scope: "route",
    perDay: 1,
    make: (dice) => ({
      for: lasting(dice, 10 * SECOND, 10 * MINUTE, 60 * MINUTE),
      how: { direction: dice.pick(["up", "down", "both"]), ...numbers(dice) },
    }),
    begin(world, { whom, how }) {
      const { direction } = how;
      const given: Toxic = {
        kind,
        directions: direction === "up" || direction === "down" ? [direction] : BOTH,
        delay: Number(how.delay ?? 0),
        jitter: Number(how.jitter ?? 0),
        rate: Number(how.rate ?? 0),
      };
      const routes = world.routesOf(whom);
      for (const route of routes) route.infect(given);
      return () => {
        for (const route of routes) route.cure(given);
      };
    },
  };
}

/** What befalls the ways between clients and brokers. The first seven by Toxiproxy's names. */
export const CARRIER_FAULTS = {
  latency: toxic("latency", (dice) => ({ delay: dice.between(50, 3000), jitter: dice.between(0, 1000) })),
  bandwidth: toxic("bandwidth", (dice) => ({ rate: dice.between(20, 400) })),
  timeout: toxic("timeout", (dice) => ({ delay: dice.between(0, 30 * SECOND) })),
  reset_peer: toxic("reset_peer", (dice) => ({ delay: dice.between(0, 10 * SECOND) })),
  slow_close: toxic("slow_close", (dice) => ({ delay: dice.between(SECOND, MINUTE) })),
  slicer: toxic("slicer", (dice) => ({ rate: dice.between(1, 64), delay: dice.between(1, 100) })),
  limit_data: toxic("limit_data", (dice) => ({ rate: dice.between(50, 2000) })),
  partition: {
    scope: "route",
    perDay: 2,
    make: (dice) => ({ for: lasting(dice, 5 * SECOND, 10 * MINUTE, 180 * MINUTE), how: {} }),
    begin(world, { whom }) {
      const routes = world.routesOf(whom);
      for (const route of routes) route.cut();
      return () => {
        for (const route of routes) route.mend();
      };
    },
  },
} as const satisfies Record<string, FaultKind>;
