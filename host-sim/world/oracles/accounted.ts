import { frameName, type Oracle, type OracleContext, timeText } from "./oracle.js";

/** Every frame that was signed and durable is verified, or a frame that is verified declares it lost. */
export function accounted({ ledgers, fail }: OracleContext): Oracle {
  return {
    name: "accounted",
    finish() {
      for (const { durable } of ledgers)
        for (const record of durable) {
          if (record.keptAt >= 0 || record.isDeclared) continue;
          const what = `${frameName(record.board, record)}, durable since ${timeText(record.durableAt)}`;
          fail("accounted", record.board, `${what}, was neither verified nor declared lost`);
        }
    },
  };
}
