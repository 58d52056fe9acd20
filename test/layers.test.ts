import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { cycles, LAYERS, readSources, roomOf, type Source, wrongImports } from "./support/layers.js";

const ROOT = join(__dirname, "..");
const sources = readSources(ROOT);

describe("rooms", () => {
  test("import from those below them alone", () => {
    expect(sources.length).toBeGreaterThan(600);
    expect(wrongImports(sources)).toEqual([]);
  });

  test("stand in an order: no arrow runs back up", () => {
    const order = Object.keys(LAYERS);
    for (const [room, row] of Object.entries(LAYERS))
      for (const other of row) expect(order.indexOf(other)).toBeLessThan(order.indexOf(room));
  });

  test("have no files that need each other to be loaded", () => {
    expect(cycles(sources)).toEqual([]);
  });

  test("have a fifth of the code each at most", () => {
    const lines = new Map<string, number>();
    for (const { path } of sources) {
      const room = roomOf(path) as string;
      if (room in LAYERS)
        lines.set(room, (lines.get(room) ?? 0) + readFileSync(join(ROOT, path), "utf8").split("\n").length);
    }
    const all = [...lines.values()].reduce((sum, count) => sum + count, 0);
    const large = [...lines].filter(([, count]) => count > all / 5);
    expect(large).toEqual([]);
  });
});

describe("a wrong import is named", () => {
  const source = (path: string, imported: string, isType = false): Source => ({
    path,
    imports: [{ path: imported, isType }],
  });

  test("with its file and its row", () => {
    const wrong = [
      source("agent/agent.ts", "node/files.ts"),
      source("network/verify/chain.ts", "node/files.ts", true),
      source("host-sim/engines/engine.ts", "host-sim/fleet/fleet.ts"),
      source("new-room/file.ts", "agent/agent.ts"),
      source("cli/sim.ts", "test/support/cli.ts"),
    ];
    expect(wrongImports(wrong)).toEqual([
      "agent/agent.ts imports node/files.ts: agent may import nothing",
      "network/verify/chain.ts imports node/files.ts: network may import agent, text",
      "host-sim/engines/engine.ts imports host-sim/fleet/fleet.ts: host-sim/engines may import agent, node",
      "new-room/file.ts is in no room of the table",
      expect.stringContaining("cli/sim.ts imports test/support/cli.ts: cli may import agent"),
    ]);
  });

  test("and a cycle, but one of types alone", () => {
    expect(cycles([source("a/a.ts", "a/b.ts"), source("a/b.ts", "a/a.ts")])).toEqual(["a/a.ts <-> a/b.ts"]);
    expect(cycles([source("a/a.ts", "a/b.ts"), source("a/b.ts", "a/a.ts", true)])).toEqual([]);
  });
});
