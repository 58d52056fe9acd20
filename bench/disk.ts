import { mkdtempSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";

/** Writes that are timed; a small part of them is slow, and that part is asked for. */
const WRITES = 200;
const PAGE = Buffer.alloc(4096);
/** Pages of the file, over which the writes go in turns. */
const PAGES = 64;

/**
 * Milliseconds within which `share` of single pages are written and synced (fdatasync) on the disk of
 * a folder: below that nothing is durable there.
 */
export async function syncTime(folder: string, share: number): Promise<number> {
  const own = mkdtempSync(join(folder, "fieldmark-bench-"));
  const file = await open(join(own, "pages"), "w");
  try {
    const times: number[] = [];
    for (let at = 0; at < PAGES + WRITES; at++) {
      const start = performance.now();
      await file.write(PAGE, 0, PAGE.length, (at % PAGES) * PAGE.length);
      await file.datasync();
      // The first round makes the file as long as it stays.
      if (at >= PAGES) times.push(performance.now() - start);
    }
    times.sort((a, b) => a - b);
    return times[Math.floor(share * times.length)] as number;
  } finally {
    await file.close();
    rmSync(own, { recursive: true });
  }
}
