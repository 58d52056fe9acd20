import { existsSync } from "node:fs";
import { join } from "node:path";
import { buildXsHost } from "../../engines/xs/build.js";
import { DEFAULT_CREATION } from "../../engines/xs/engine.js";
import type { BoardCounts } from "../../engines/xs/process.js";
import { XsSync } from "../../engines/xs/sync.js";
import { ALL_BOARDS, type Creation } from "../../engines/xs/wire.js";
import type { Boot, RunningAgent, VirtualEngine } from "../engine.js";
import { VirtualXsBoard } from "./xs-board.js";

export interface VirtualXsOptions {
  /** The package's folder. */
  readonly root: string;
  /** What boards run; left out, what the build made of board.ts. */
  readonly bundle?: string;
  readonly creation?: Creation;
  /** What takes long, for people: compiling the engine at first use. */
  readonly progress: (line: string) => void;
}

/** The most that any board took of its memory in its last life of a run: boards are asked when the run is over. */
export interface MemoryPeaks {
  /** Slots, garbage included. */
  slots: number;
  /** Slots that were left after a collection. */
  slotsLive: number;
  /** Bytes of chunks that were left after a collection, as on a 32-bit board. */
  chunksLive: number;
  stack: number;
}

/** Throws Error where there is no compiler, or no build. */
export async function startVirtualXs({
  root,
  bundle = join(root, "dist", "xs-virtual.js"),
  creation = DEFAULT_CREATION,
  progress,
}: VirtualXsOptions): Promise<VirtualXsEngine> {
  if (!existsSync(bundle)) throw new Error(`${bundle} is not there: build it with npm run build`);
  const program = await buildXsHost({ root, progress });
  return new VirtualXsEngine(new XsSync(program, bundle), creation);
}

/** All boards of a world in one xs-host, each turn of theirs inside the event of the scheduler that it comes from. */
export class VirtualXsEngine implements VirtualEngine {
  readonly name = "xs";
  readonly peaks: MemoryPeaks = { slots: 0, slotsLive: 0, chunksLive: 0, stack: 0 };
  readonly #host: XsSync;
  readonly #creation: Creation;
  readonly #boards = new Set<number>();

  constructor(host: XsSync, creation: Creation) {
    this.#host = host;
    this.#creation = creation;
  }

  boot(boot: Boot): RunningAgent {
    this.#boards.add(boot.board);
    return new VirtualXsBoard(this.#host, this.#creation, boot);
  }

  clear(): void {
    for (const counts of this.#host.count(ALL_BOARDS, false).values()) this.#saw(counts);
    for (const board of this.#boards) this.#host.end(board);
    this.#boards.clear();
  }

  async close(): Promise<void> {
    await this.#host.close();
  }

  #saw({ slotsPeak, slotsLivePeak, chunksLivePeak, stackPeak }: BoardCounts): void {
    const { peaks } = this;
    peaks.slots = Math.max(peaks.slots, slotsPeak);
    peaks.slotsLive = Math.max(peaks.slotsLive, slotsLivePeak);
    peaks.chunksLive = Math.max(peaks.chunksLive, chunksLivePeak);
    peaks.stack = Math.max(peaks.stack, stackPeak);
  }
}
