import type { Oracle, OracleContext } from "./oracle.js";

/** The verifier sees through the cheat: what a dishonest device sent is never taken for right. */
export function witness({ world, fail }: OracleContext): Oracle {
  const { cheat } = world;
  return {
    name: "witness",
    judged({ verdict, kid, readings }) {
      if (kid !== cheat.kid || verdict !== "ok") return;
      const trick = cheat.trickOf(readings?.[0]?.value);
      if (trick !== undefined)
        fail("witness", undefined, `the verifier takes for right what is not: ${trick}`);
    },
  };
}
