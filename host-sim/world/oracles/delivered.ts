import { hex } from "../../../agent/cose/kid.js";
import { frameName, type Oracle, type OracleContext, timeText } from "./oracle.js";

/** Every frame that was acknowledged to its board is verified, exactly once. */
export function delivered({ ledgers, boardOf, fail }: OracleContext): Oracle {
  const name = "delivered";
  return {
    name,
    kept(frame) {
      const board = boardOf(hex(frame.kid));
      if (board === undefined) return;
      const record = ledgers[board]?.find(frame);
      if (record === undefined)
        fail(name, board, `the verifier keeps ${frameName(board, frame)}, which was never signed`);
      else if (record.keptAt >= 0)
        fail(name, board, `${frameName(board, frame)} is kept twice, first at ${timeText(record.keptAt)}`);
    },
    finish() {
      for (const { durable } of ledgers)
        for (const record of durable) {
          const { board, acknowledgedAt } = record;
          if (acknowledgedAt < 0 || record.keptAt >= 0) continue;
          const when = timeText(acknowledgedAt);
          fail(name, board, `${frameName(board, record)} was acknowledged at ${when} and never verified`);
        }
    },
  };
}
