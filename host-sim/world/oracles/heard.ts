import type { Oracle, OracleContext } from "./oracle.js";

/** Milliseconds, and samples, within which a board is heard after the last fault. */
const LIMIT = 5 * 60_000;
const SAMPLES = 3;

/** Every board is heard from again: after the last fault it signs, and that is verified, in time. */
export function heard({ ledgers, calmFrom, interval, fail, now, world }: OracleContext): Oracle {
  let done = false;
  return {
    name: "heard",
    tick() {
      const limit = LIMIT + SAMPLES * interval;
      if (done || now() < calmFrom + limit) return;
      done = true;
      for (const { number: board } of world.boards) {
        const frames = ledgers[board]?.durable ?? [];
        if (frames.some(({ keptAt, signedAt }) => keptAt >= 0 && signedAt >= calmFrom)) continue;
        fail("heard", board, `not heard from within ${limit / 1000} s after the last fault`);
      }
    },
  };
}
