import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { Engine } from "../engine.js";
import { boardConfig } from "./board-config.js";
import { buildXsHost } from "./build.js";
import { type FleetMemory, summarize } from "./memory.js";
import { XsProcess } from "./process.js";
import { ALL_BOARDS, type Creation } from "./wire.js";
import { XsBoard } from "./xs-board.js";

/** A board's memory as its manifest would state it. What needs more ends, by name. */
export const DEFAULT_CREATION: Creation = {
  slots: 640,
  chunkBytes: 8192,
  stackSlots: 512,
  keys: 64,
  payloadBytes: 64,
  computrons: 20_000_000,
};

/** Frames on their way. Each takes three doubles of the board's chunks. */
const WINDOW = 16;
/** Small: xs-host has memory for what is written, and a fleet has many boards. */
const JOURNAL = { size: 8192, sectorBytes: 2048 };

export interface XsEngineOptions {
  /** The package's folder. */
  readonly root: string;
  readonly creation: Creation;
  /** What takes long, for people: compiling the engine at first use. */
  readonly progress: (line: string) => void;
  /** An xs-host ended by itself, and its boards with it. */
  readonly failed: (error: Error) => void;
}

/** Boards on the real XS engine: an xs-host process a core, the boards spread over them. */
export async function startXsEngine(options: XsEngineOptions): Promise<Engine> {
  const { root, creation, progress, failed } = options;
  const program = await buildXsHost({ root, progress });
  const bundle = join(root, "dist", "xs-board.js");
  const processes = Array.from(
    { length: availableParallelism() },
    () => new XsProcess(program, bundle, failed),
  );
  const flash = await Promise.all(processes.map(({ ready }) => ready));
  let boards = 0;
  return {
    name: "xs",
    window: WINDOW,
    journal: JOURNAL,
    hasFlash: true,
    createBoard(init, agent) {
      const number = boards++;
      const process = processes[number % processes.length] as XsProcess;
      return new XsBoard(process, number, creation, init, boardConfig(init, agent));
    },
    async memory(): Promise<FleetMemory> {
      const counts = await Promise.all(processes.map((process) => process.count(ALL_BOARDS, true)));
      const all = counts.flatMap((found) => [...found.values()]);
      const resident = processes.reduce((sum, { pid }) => sum + residentBytes(pid), 0);
      return summarize(all, flash[0] as NonNullable<(typeof flash)[0]>, resident);
    },
    async settle() {
      await Promise.all(processes.map((process) => process.barrier()));
    },
    async close() {
      await Promise.all(processes.map((process) => process.close()));
    },
  };
}

/** What the kernel says a process has in memory (proc(5), VmRSS); 0 where it does not say. */
export function residentBytes(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
