import { boardName } from "../plan.js";
import type { Oracle, OracleContext } from "./oracle.js";

/** Milliseconds by which a frame may be late: readings wait for those of other sensors. */
const SLACK = 3000;

/** A failing board takes no others with it: boards that nothing befalls sign in time, always. */
export function cadence({ world, ledgers, faults, interval, fail, now }: OracleContext): Oracle {
  const struck = new Set(faults.filter(({ whom }) => !whom.includes("/")).map(({ whom }) => whom));
  const healthy = world.boards.filter(({ number }) => !struck.has(boardName(number)));
  return {
    name: "cadence",
    tick() {
      if (world.isFinishing) return;
      for (const { number } of healthy) {
        const last = ledgers[number]?.lastSignedAt ?? -1;
        const begun = world.startOf(number);
        const silence = now() - Math.max(last, begun);
        if (silence <= interval + SLACK || now() < begun) continue;
        fail(
          "cadence",
          number,
          `nothing befell it, and it has signed nothing for ${Math.round(silence / 1000)} s`,
        );
      }
    },
  };
}
