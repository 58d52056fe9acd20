import { type FaultKind, lasting } from "./kind.js";

const SECOND = 1000;
const MINUTE = 60_000;
const HOUR = 3_600_000;

/** What befalls the verifier. */
export const VERIFIER_FAULTS = {
  "verifier-killed": {
    scope: "verifier",
    perDay: 4,
    make: (dice) => ({ for: lasting(dice, SECOND, 5 * MINUTE, HOUR), how: {} }),
    begin(world) {
      world.verifier.kill();
      return () => world.verifier.start();
    },
  },
  "disk-full": {
    scope: "verifier",
    perDay: 2,
    make: (dice) => ({ for: lasting(dice, 10 * SECOND, 10 * MINUTE, HOUR), how: {} }),
    begin({ verifier }) {
      verifier.disk.full++;
      return () => {
        verifier.disk.full--;
      };
    },
  },
  "verifier-clock": {
    scope: "verifier",
    perDay: 2,
    make: (dice) => ({
      for: dice.between(MINUTE, HOUR),
      how: { by: dice.pick([-1, 1]) * lasting(dice, SECOND, 2 * HOUR, 24 * HOUR) },
    }),
    begin({ verifier }, { how }) {
      verifier.clockOffset += Number(how.by);
      return () => {
        verifier.clockOffset -= Number(how.by);
      };
    },
  },
} as const satisfies Record<string, FaultKind>;
