import { boardName } from "../plan.js";
import type { Oracle, OracleContext } from "./oracle.js";

/** Sectors that may hold none of the frames that wait: one is erased ahead, one was just begun, and heads take some of the others. */
const SPARE_SECTORS = 2.5;
/** Bytes that a frame takes in a journal, at most; and that a cut takes: what it left half, and the record of the start after it. */
const FRAME_BYTES = 220;

/** Nothing durable is forgotten by a reboot: what was not acknowledged before waits after it. */
export function remembered({ ledgers, fail, world, faults }: OracleContext): Oracle {
  const worn = new Set(faults.filter(({ kind }) => kind === "sector-worn").map(({ whom }) => whom));
  // A frame that a cut caught may read well at first, be given out, and read differently later: its loss is declared then.
  const unreadable = new Map<number, number>();
  // Since no frame waited.
  const cuts = new Map<number, number>();
  return {
    name: "remembered",
    cut(board) {
      cuts.set(board, (cuts.get(board) ?? 0) + 1);
    },
    told(board, event) {
      if (event.type === "acknowledged" && ledgers[board]?.waiting === 0) cuts.delete(board);
      if (event.type === "sector-failed" && event.reason.includes("no longer be read"))
        unreadable.set(board, (unreadable.get(board) ?? 0) + 1);
      if (event.type !== "recovered" || worn.has(boardName(board))) return;
      const { waiting = 0, spanned = 0 } = ledgers[board] ?? {};
      const expected = waiting - (unreadable.get(board) ?? 0);
      const { size = 0, sectorBytes = 1 } = world.boardOf(boardName(board))?.chip ?? {};
      // With more than this, the oldest may be lost by rights.
      const room = (size - SPARE_SECTORS * sectorBytes) / FRAME_BYTES - (cuts.get(board) ?? 0);
      if (spanned < room && event.pending < expected)
        fail(
          "remembered",
          board,
          `of ${expected} frames durable and not acknowledged before the reset, ${event.pending} are left`,
        );
    },
  };
}
