import type { VirtualBoard } from "../board.js";
import type { BoardLedger, FrameRecord } from "../ledger.js";

/** Sectors that may hold none of the frames that wait; and one more for each cut: the next boot may have to begin another. */
const SPARE_SECTORS = 3;
/** Bytes that a frame takes in a journal, at most. */
const FRAME_BYTES = 220;

/** Frames that a board's journal has room for in any case, over so many cuts. A sector that fails has none. */
export function roomOf(board: VirtualBoard | undefined, cuts: number): number {
  const { size = 0, sectorBytes = 1 } = board?.chip ?? {};
  return (size - (SPARE_SECTORS + cuts + (board?.worn.size ?? 0)) * sectorBytes) / FRAME_BYTES;
}

/** Whether a board's journal has room for a frame and all that are as young or younger, whatever happened since it was written. */
export function hasRoom(
  board: VirtualBoard | undefined,
  ledger: BoardLedger,
  { signedAt }: FrameRecord,
): boolean {
  return ledger.youngerThan(signedAt) < roomOf(board, ledger.cutsSince(signedAt));
}
