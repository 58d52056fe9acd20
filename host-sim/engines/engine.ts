import type { AgentConfig } from "../../agent/config.js";
import type { FlashGeometry } from "../../node/ports/flash.js";
import { type BoardHandle, type BoardInit, createBoard } from "./v8-board.js";
import type { FleetMemory } from "./xs/memory.js";

/** Where boards run. */
export interface Engine {
  readonly name: "node" | "xs" | "rv32";
  /** Frames that a board has on their way at the same time. */
  readonly window: number;
  /** The journal of a board that keeps nothing from run to run. */
  readonly journal: FlashGeometry;
  /** Whether boards have a flash of the engine's own where theirs is not kept. */
  readonly hasFlash: boolean;
  /** Starts nothing yet. Throws InputError for a configuration that cannot work. */
  createBoard(init: BoardInit, config: AgentConfig): BoardHandle;
  /** Undefined where boards share one heap, so that nothing can be said of one. */
  memory(): Promise<FleetMemory | undefined>;
  /** Resolves when boards have done what they were told before. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

/** Boards in this process, on V8. */
export const nodeEngine: Engine = {
  name: "node",
  window: 16,
  journal: { size: 64 * 1024 },
  hasFlash: false,
  createBoard,
  memory: async () => undefined,
  settle: async () => {},
  close: async () => {},
};
