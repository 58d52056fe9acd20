import { frameName, type Oracle, type OracleContext } from "./oracle.js";

/** A frame leaves its board only when a witness holds it: what brokers say lets none go. */
export function vouched({ ledgers, fail }: OracleContext): Oracle {
  const name = "vouched";
  return {
    name,
    told(board, event) {
      if (event.type !== "acknowledged") return;
      const record = ledgers[board]?.find(event.position);
      if (record !== undefined && record.keptAt < 0)
        fail(name, board, `${frameName(board, record)} leaves its board, and no witness has it`);
    },
  };
}
