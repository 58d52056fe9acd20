import { boardName } from "../plan.js";
import { signedPosition } from "../signed-position.js";
import { frameName, type Oracle, type OracleContext } from "./oracle.js";
import { hasRoom } from "./room.js";

/** Acknowledgements of an earlier boot that may not be written down, at most: such frames may be declared lost. */
const UNRECORDED = 16;
/** Ranges that a frame declares at most. Where there are more, others may follow that look the same. */
const MOST_RANGES = 4;

/**
 * What a board declares lost it had signed, no broker has it that is still connected, and it had to go: there was no room. No frame is sent after it was
 * declared lost.
 */
export function losses({ ledgers, fail, world, faults, now }: OracleContext): Oracle {
  const name = "losses";
  const worn = new Set(faults.filter(({ kind }) => kind === "sector-worn").map(({ whom }) => whom));
  const bootedAt: number[] = [];
  /** By board: boots in which a frame could not be signed, or kept. */
  const failed = new Set<string>();
  /** By board: what this boot's frames declare, by sequence; and what of that is known to have arrived. */
  const declared = new Map<number, Map<number, string>>();
  const arrived = new Map<number, string>();

  return {
    name,
    cut(board) {
      declared.delete(board);
      arrived.delete(board);
    },
    booted(board) {
      bootedAt[board] = now();
    },
    told(board, event) {
      if (event.type === "storage-failed") failed.add(`${board} ${ledgers[board]?.boots.at(-1)}`);
      if (event.type === "acknowledged" && event.position.boot === ledgers[board]?.boots.at(-1)) {
        const ranges = declared.get(board)?.get(event.position.sequence);
        if (ranges !== undefined) arrived.set(board, ranges);
      }
    },
    signing(board, { boot, sequence }, ranges) {
      const all = JSON.stringify(ranges);
      if (ranges.length > 0 && ranges.length < MOST_RANGES && arrived.get(board) === all)
        return fail(name, board, `it declares lost again what an acknowledged frame has declared: ${all}`);
      if (ranges.length > 0) declared.set(board, (declared.get(board) ?? new Map()).set(sequence, all));
      const ledger = ledgers[board];
      let known = 0;
      for (const range of ranges)
        for (let at = range.first; at <= range.last; at++) {
          const position = { boot: range.boot, sequence: at };
          const record = ledger?.find(position);
          const say = (what: string) =>
            fail(name, board, `it declares ${frameName(board, position)} lost, which ${what}`);
          if (range.boot > boot || (range.boot === boot && at >= sequence))
            return say("it has not signed yet");
          if (record === undefined && !failed.has(`${board} ${range.boot}`))
            return say("it has never signed");
          if (ledger === undefined || record === undefined || record.isGone) continue;
          if (record.acknowledgedAt >= (bootedAt[board] ?? 0)) return say("was acknowledged in this boot");
          if (record.acknowledgedAt < 0 && record.heldBy !== 0)
            return say("a broker has that has not left it since");
          if (record.durableAt < 0 || worn.has(boardName(board)) || ledger.unreadableAt >= 0) continue;
          // Without room the oldest go, and acknowledgements are not written down.
          if (!hasRoom(world.boardOf(boardName(board)), ledger, record)) continue;
          if (record.acknowledgedAt < 0)
            return say(`is no older than ${ledger.youngerThan(record.signedAt)} frames: there was room`);
          if (++known > UNRECORDED) return say("was acknowledged, as others before it");
        }
    },
    sent(board, _broker, _id, frame) {
      const position = signedPosition(frame);
      if (ledgers[board]?.find(position)?.isGone === true)
        fail(name, board, `${frameName(board, position)} leaves the board after it was declared lost`);
    },
  };
}
