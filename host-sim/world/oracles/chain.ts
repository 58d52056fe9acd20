import type { Verdict } from "../../../agent/frame/verdict.js";
import { frameName, type Oracle, type OracleContext } from "./oracle.js";

/** What honest boards may hear from a verifier whatever happens. */
const HARMLESS: readonly Verdict[] = ["ok", "duplicate"];

/**
 * No frame of an honest board is refused: its chain is unbroken, or the gap is declared. `future` is right only where a clock was wrong,
 * the board's as it signed or the verifier's as it judged; `clock-jump` only where the board's was, then or earlier in that boot.
 */
export function chain({ ledgers, boardOf, fail, world }: OracleContext): Oracle {
  return {
    name: "chain",
    judged({ verdict, detail, kid, boot, sequence }) {
      if (HARMLESS.includes(verdict)) return;
      const board = kid === undefined ? undefined : boardOf(kid);
      if (board === undefined || boot === undefined || sequence === undefined) return;
      const record = ledgers[board]?.find({ boot, sequence });
      // A broker had it, and the board did not know when it gave it up.
      if (verdict === "late" && record?.isGone === true) return;
      if (verdict === "future" && (record?.isClockWrong === true || world.verifier.clockOffset !== 0)) return;
      if (verdict === "clock-jump" && ledgers[board]?.wasClockWrong({ boot, sequence }) === true) return;
      fail("chain", board, `${frameName(board, { boot, sequence })} is judged ${verdict}: ${detail}`);
    },
  };
}
