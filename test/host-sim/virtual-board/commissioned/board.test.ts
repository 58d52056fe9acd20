import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { BoardClient } from "../../../../provision/board-client.js";
import { newFolder } from "./board.js";
import { boardCases, CHALLENGE, plugged, unplug } from "./cases.js";

describe("what is erased by the tools", () => {
  const NVS = 0x9000;
  const JOURNAL = 0x380000;
  const erase = (state: string, at: number, bytes: number) => {
    const file = join(state, "flash.bin");
    writeFileSync(file, readFileSync(file).fill(0xff, at, at + bytes));
  };

  test("nvs: the next start has another identity", async () => {
    const state = newFolder();
    const before = plugged({ state });
    const { did } = await before.client.identity(CHALLENGE);
    unplug(before);
    erase(state, NVS, 0x6000);
    const after = plugged({ state });
    expect((await after.client.identity(CHALLENGE)).did).not.toBe(did);
    expect(await after.client.journal()).toMatchObject({ boot: 1 });
  });

  test("nvs alone, and frames are left: the other identity signs nothing before they are erased, too", async () => {
    const state = newFolder();
    const before = plugged({ state });
    await before.client.reading();
    unplug(before);
    erase(state, NVS, 0x6000);
    const after = plugged({ state });
    await after.seen(({ type }) => type === "identity-changed");
    await expect(after.client.reading()).rejects.toMatchObject({ code: "refused" });
    unplug(after);
    erase(state, JOURNAL, 0x1000);
    const { client } = plugged({ state });
    expect((await client.reading()).length).toBeGreaterThan(100);
    expect(await client.journal()).toMatchObject({ boot: 1, queue: 1 });
  });
});

boardCases("a simulated board");

test("a board that nobody has flashed does not answer", async () => {
  const { wire, events } = plugged({ blank: true });
  const hurried = new BoardClient(wire, { timeout: 50, tries: 2 });
  await expect(hurried.state()).rejects.toMatchObject({ code: "timeout" });
  expect(events).toEqual([{ type: "runs", what: "nothing" }]);
});
