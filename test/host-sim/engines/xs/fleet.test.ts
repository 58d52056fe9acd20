import { spawn } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { jsonLines, run, temporaryFolder } from "../../../support/cli.js";
import { COMPILE_TIMEOUT, ROOT, xsHost } from "./xs-host.js";

interface Spread {
  readonly median: number;
  readonly max: number;
}

beforeAll(async () => {
  await xsHost();
}, COMPILE_TIMEOUT);

describe("fieldmark sim --engine xs", () => {
  test("200 boards lose nothing, and each has the memory of the others", async () => {
    const args = "--engine xs --devices 200 --links memory --interval 2s --for 6s --json --memory";
    const { code, stdout, stderr } = await run(["sim", ...args.split(" ")]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const [summary] = jsonLines(stdout) as [Record<string, unknown>];
    const { frames, memory } = summary as {
      frames: { signed: number; verified: number; lost: number; rejected: Record<string, number> };
      memory: {
        boards: number;
        slots: { used: Spread };
        chunkBytes: { used: Spread };
        boardBytes: Spread;
        residentBytes: number;
      };
    };
    expect(frames.lost).toBe(0);
    expect(frames.signed).toBeGreaterThanOrEqual(200);
    expect(frames.verified).toBe(frames.signed);
    expect(Object.values(frames.rejected).filter((count) => count > 0)).toEqual([]);
    expect(memory.boards).toBe(200);
    expect(memory.slots.used.median).toBeGreaterThan(200);
    expect(memory.slots.used.max - memory.slots.used.median).toBeLessThanOrEqual(8);
    expect(memory.boardBytes.max).toBeLessThan(24 * 1024);
  });

  test("boards that are too small end by name: exit code 1, and no hang", async () => {
    const { code, stderr } = await run(
      "sim --engine xs --devices 3 --for 3s --slots 400 --links memory --json".split(" "),
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/3 boards ended by themselves/);
    expect(stderr.match(/slots: asked for 1 slot more than its 400/g)).toHaveLength(3);
  });

  test("Ctrl-C in a terminal, which reaches xs-host too: what is under way arrives, exit code 0", async () => {
    const out = join(temporaryFolder(), "frames.cborseq");
    const args = [
      join(ROOT, "dist/fieldmark.js"),
      "sim",
      ..."--engine xs --devices 3 --links memory --interval 1s --json --out".split(" "),
      out,
    ];
    const child = spawn(process.execPath, args, { detached: true, stdio: ["ignore", "pipe", "ignore"] });
    let said = "";
    child.stdout.on("data", (chunk) => {
      said += chunk;
    });
    const code = new Promise((resolve) => child.once("close", resolve));
    // Frames are under way when the first have arrived.
    while (!existsSync(out) || statSync(out).size === 0) await sleep(50);
    process.kill(-(child.pid as number), "SIGINT");
    expect(await code).toBe(0);
    const { frames } = JSON.parse(said);
    expect(frames.signed).toBeGreaterThan(0);
    expect(frames.lost).toBe(0);
  });
});
