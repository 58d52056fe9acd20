import { boardName } from "../plan.js";
import type { Oracle, OracleContext } from "./oracle.js";

/** Sectors that may hold none of the frames that wait: one is erased ahead, one was just begun, and heads take some of the others. */
const SPARE_SECTORS = 2.5;
/** Bytes that a frame takes in a journal, at most; and that a cut takes: what it left half, and the record of the start after it. */
const FRAME_BYTES = 220;

/** Acknowledgements that may not be written down, at most; and one more for each cut, which may have been in the writing. */
const UNRECORDED = 8;

/** Nothing durable is forgotten by a reboot: what was not acknowledged before waits after it, and little else does. */
export function remembered({ ledgers, fail, world, faults }: OracleContext): Oracle {
  const worn = new Set(faults.filter(({ kind }) => kind === "sector-worn").map(({ whom }) => whom));
  // A frame that a cut caught may read well at first, be given out, and read differently later: its loss is declared then.
  const unreadable = new Map<number, number>();
  // Since no frame waited.
  const cuts = new Map<number, number>();
  // By board whose journal was nearly full: acknowledgements until that is over. Nothing is written down where that would cost a frame.
  const crowded = new Map<number, number>();

  /** Frames with which the oldest may be lost by rights. */
  function roomOf(board: number): number {
    const { size = 0, sectorBytes = 1 } = world.boardOf(boardName(board))?.chip ?? {};
    return (size - SPARE_SECTORS * sectorBytes) / FRAME_BYTES - (cuts.get(board) ?? 0);
  }

  return {
    name: "remembered",
    cut(board) {
      cuts.set(board, (cuts.get(board) ?? 0) + 1);
    },
    told(board, event) {
      if (event.type === "acknowledged") {
        const left =
          (ledgers[board]?.spanned ?? 0) >= roomOf(board) ? 2 * UNRECORDED : (crowded.get(board) ?? 0) - 1;
        if (left > 0) crowded.set(board, left);
        else crowded.delete(board);
        if (ledgers[board]?.waiting === 0) cuts.delete(board);
      }
      if (event.type === "sector-failed" && event.reason.includes("no longer be read"))
        unreadable.set(board, (unreadable.get(board) ?? 0) + 1);
      if (event.type !== "recovered" || worn.has(boardName(board))) return;
      const most = (ledgers[board]?.open ?? 0) + UNRECORDED + (cuts.get(board) ?? 0);
      if (event.pending > most && !crowded.has(board) && (ledgers[board]?.spanned ?? 0) < roomOf(board))
        fail(
          "remembered",
          board,
          `${event.pending} frames wait after the reset, and no more than ${most} can`,
        );
      const { waiting = 0, spanned = 0 } = ledgers[board] ?? {};
      const expected = waiting - (unreadable.get(board) ?? 0);
      if (spanned < roomOf(board) && event.pending < expected)
        fail(
          "remembered",
          board,
          `of ${expected} frames durable and not acknowledged before the reset, ${event.pending} are left`,
        );
    },
  };
}
