import type { XsBoardConfig } from "../../../../host-sim/engines/xs/board.js";

/** Node to board, beside messages.ts's `ToBoard`: bytes, a message of its receipt topic. */
export const RECEIPT = 100;

/** What receipt-board.ts is told. */
export interface ReceiptBoardConfig extends XsBoardConfig {
  /** In hex, of witnesses of whom one must hold a frame; none: frames leave by the brokers' word. */
  readonly witnessKeys: readonly string[];
}
