import { type BoardConfig, type BoardHandle, type BoardInit, createBoard } from "./board.js";
import type { FleetMemory } from "./xs/memory.js";

/** Where boards run. */
export interface Engine {
  readonly name: "node" | "xs";
  /** Frames that a board has room for while no broker takes them. */
  readonly outboxFrames: number;
  /** Starts nothing yet. Throws RangeError for a configuration that cannot work. */
  createBoard(init: BoardInit, config: BoardConfig): BoardHandle;
  /** Undefined where boards share one heap, so that nothing can be said of one. */
  memory(): Promise<FleetMemory | undefined>;
  /** Resolves when boards have done what they were told before. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

/** Boards in this process, on V8. */
export const nodeEngine: Engine = {
  name: "node",
  outboxFrames: 64,
  createBoard,
  memory: async () => undefined,
  settle: async () => {},
  close: async () => {},
};
