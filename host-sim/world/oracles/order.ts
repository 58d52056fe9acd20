import type { Position } from "../../../agent/frame/chain.js";
import { boardName } from "../plan.js";
import { signedPosition } from "../signed-position.js";
import { frameName, type Oracle, type OracleContext } from "./oracle.js";

/** Frames of a backlog from which on it shows which go first; and the part of the journal that it fills, at most: none is lost then. */
const BACKLOG = 4;
const PART = 1 / 2;
/** Bytes that a frame takes in a journal, at most. */
const FRAME_BYTES = 220;

/**
 * After a start with a backlog, frames go out as the board was told: the newest first, or both ends in turn, so that new readings never wait for old
 * ones. Looked at are the first two frames; later ones may wait for a single broker, which has its own order.
 */
export function order({ ledgers, world, fail }: OracleContext): Oracle {
  const name = "order";
  /** By board, after a start with a backlog: the frame that was sent first, once there is one. */
  const first = new Map<number, { readonly id: number; readonly position: Position } | undefined>();
  return {
    name,
    cut(board) {
      first.delete(board);
    },
    told(board, event) {
      if (event.type === "sector-failed") first.delete(board); // maybe one that cannot be read
      if (event.type !== "recovered") return;
      const { size = 0 } = world.boardOf(boardName(board))?.chip ?? {};
      const waiting = ledgers[board]?.waiting ?? 0;
      if (waiting >= BACKLOG && event.pending * FRAME_BYTES < size * PART) first.set(board, undefined);
    },
    sent(board, _broker, id, frame) {
      if (!first.has(board)) return;
      const before = first.get(board);
      if (before?.id === id) return; // to another broker
      const position = signedPosition(frame);
      const newest = ledgers[board]?.newestWaiting();
      const oldest = ledgers[board]?.oldestWaiting();
      if (before === undefined) first.set(board, { id, position });
      else first.delete(board);
      if (newest === undefined || oldest === undefined || newest === oldest) return;
      const isNewestFirst = world.boardOf(boardName(board))?.order === "newest";
      const what = `${frameName(board, position)} is sent while`;
      if (
        before === undefined &&
        compare(position, newest) < 0 &&
        (isNewestFirst || compare(position, oldest) > 0)
      )
        fail(name, board, `${what} ${frameName(board, newest)} and ${frameName(board, oldest)} wait`);
      if (before === undefined) return;
      if (isNewestFirst && (compare(position, before.position) > 0 || compare(position, oldest) <= 0))
        fail(
          name,
          board,
          `${what} it was the turn of one between ${frameName(board, before.position)} and the oldest`,
        );
      const isOfOtherEnd =
        compare(before.position, newest) >= 0
          ? compare(position, oldest) <= 0
          : compare(position, newest) >= 0;
      if (!isNewestFirst && !isOfOtherEnd)
        fail(name, board, `${what} it was the other end's turn, after ${frameName(board, before.position)}`);
    },
  };
}

function compare(a: Position, b: Position): number {
  return a.boot - b.boot || a.sequence - b.sequence;
}
