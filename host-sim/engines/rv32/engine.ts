import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Engine } from "../engine.js";
import { boardConfig } from "../xs/board-config.js";
import { residentBytes, type XsEngineOptions } from "../xs/engine.js";
import { type FleetMemory, summarize } from "../xs/memory.js";
import type { BoardCounts } from "../xs/process.js";
import { XsBoard } from "../xs/xs-board.js";
import { buildRv32 } from "./build.js";
import { ChipHost } from "./chip-host.js";

/** A board's RAM in all, and of it the C stack, in bytes. */
export const DEFAULT_SIZE = { ramBytes: 64 * 1024, stackBytes: 8 * 1024 };

const WINDOW = 16;
/** As on an ESP32's partition, but for its size. */
const JOURNAL = { size: 64 * 1024, sectorBytes: 4096 };
/** Each is a machine of its own, and a process of qemu. */
const BOARD = 0;

/** Boards on emulated chips (RV32IMC, as an ESP32-C3), a qemu each, with the same Node side as boards on xs-host. */
export async function startRv32Engine(options: XsEngineOptions): Promise<Engine> {
  const { root, creation, progress, failed } = options;
  const bundle = join(root, "dist", "xs-board.js");
  const image = await buildRv32({ root, bundle, size: DEFAULT_SIZE, progress });
  const folder = mkdtempSync(join(tmpdir(), "fieldmark-rv32-"));
  const hosts: ChipHost[] = [];
  return {
    name: "rv32",
    window: WINDOW,
    journal: JOURNAL,
    hasFlash: true,
    createBoard(init, agent) {
      const host = new ChipHost({
        image,
        folder: join(folder, String(hosts.length)),
        failed,
        hasOwnClock: true,
      });
      hosts.push(host);
      return new XsBoard(host, BOARD, creation, init, boardConfig(init, agent));
    },
    async memory(): Promise<FleetMemory | undefined> {
      const counts = await Promise.all(hosts.map((host) => host.count(BOARD, true)));
      const [first] = hosts;
      if (first === undefined) return undefined;
      const resident = hosts.reduce((sum, { pid }) => sum + residentBytes(pid), 0);
      return summarize(
        counts.filter((it): it is BoardCounts => it !== undefined),
        await first.ready,
        resident,
      );
    },
    async settle() {
      await Promise.all(hosts.map((host) => host.barrier()));
    },
    async close() {
      await Promise.all(hosts.map((host) => host.close()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
