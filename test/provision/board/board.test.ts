import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { BoardClient } from "../../../provision/board-client.js";
import { newFolder } from "./board.js";
import { boardCases, CHALLENGE, plugged, unplug } from "./cases.js";

describe("what is erased by the tools", () => {
  const NVS = 0x9000;
  test("nvs: the next start has another identity", async () => {
    const state = newFolder();
    const before = plugged({ state });
    const { did } = await before.client.identity(CHALLENGE);
    unplug(before);
    const file = join(state, "flash.bin");
    const flash = readFileSync(file);
    writeFileSync(file, flash.fill(0xff, NVS, NVS + 0x6000));
    const after = plugged({ state });
    expect((await after.client.identity(CHALLENGE)).did).not.toBe(did);
    expect(await after.client.journal()).toMatchObject({ boot: 1 });
  });
});

boardCases("a simulated board");

test("a board that nobody has flashed does not answer", async () => {
  const { wire, events } = plugged({ blank: true });
  const hurried = new BoardClient(wire, { timeout: 50, tries: 2 });
  await expect(hurried.state()).rejects.toMatchObject({ code: "timeout" });
  expect(events).toEqual([{ type: "runs", what: "nothing" }]);
});
