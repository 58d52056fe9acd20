import type { Oracle, OracleContext } from "./oracle.js";

/** The verifier sees through the cheat: what a dishonest device sent is never taken for right. */
export function cheat({ world, fail }: OracleContext): Oracle {
  return {
    name: "cheat",
    judged({ verdict, kid, readings }) {
      if (kid !== world.cheat.kid || verdict !== "ok") return;
      const trick = world.cheat.trickOf(readings?.[0]?.value);
      if (trick !== undefined) fail("cheat", undefined, `the verifier takes for right what is not: ${trick}`);
    },
  };
}
