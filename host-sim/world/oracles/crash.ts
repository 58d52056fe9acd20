import type { Oracle, OracleContext } from "./oracle.js";

/** No exception comes out of the agent. */
export function crash({ fail }: OracleContext): Oracle {
  return {
    name: "crash",
    crashed(board, error) {
      fail(
        "crash",
        board,
        `the agent threw ${error instanceof Error ? `${error.name}: ${error.message}` : error}`,
      );
    },
  };
}
