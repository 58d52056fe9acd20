import { join } from "node:path";
import { afterAll, describe, expect, test } from "@jest/globals";
import { type RunningBoard, startBoard } from "../../../host-sim/virtual-board/board.js";
import type { PortSide } from "../../../host-sim/virtual-board/port.js";
import { startRfc2217 } from "../../../host-sim/virtual-board/rfc2217.js";
import { openBatchLog } from "../../../node/provision/batch-log.js";
import { boardsOf, type OpenPort } from "../../../node/provision/port-boards.js";
import { notOpened } from "../../../node/serial/open-wire.js";
import { openRfc2217 } from "../../../node/serial/rfc2217-wire.js";
import { batch } from "../../../provision/operations/batch.js";
import { smallBundle } from "../../provision/support/firmware.js";
import { commissionBoard, WIFI } from "../../provision/support/plugged-board.js";
import { temporaryFolder } from "../../support/cli.js";

const folder = temporaryFolder();
const ends: (() => void)[] = [];
afterAll(() => {
  for (const end of ends) end();
});

const open: OpenPort = (url, step) =>
  openRfc2217(url).catch((error: unknown) => {
    throw notOpened(error, step);
  });

let boards = 0;
function boardAt(port: PortSide, blank: boolean): RunningBoard {
  const number = ++boards;
  const mac = Uint8Array.of(0x34, 0x85, 0x18, 0, 0, number);
  const state = join(folder, `board ${number}`);
  return startBoard({ state, port, mac, blank, wifi: WIFI, console: false, observe() {} });
}

/** A socket whose server stays when a board is taken off it. */
const fixture = (side: PortSide): PortSide => ({ ...side, cut() {} });

describe("a batch goes on to the next board", () => {
  // How the board is changed: with its port, or behind a port that stays; with firmware, or blank.
  test.each([
    ["where the port over TCP goes with its board", true, true],
    ["where the port stays and another device answers", false, false],
    ["where the port stays and another chip answers, which is blank", false, true],
  ])("%s", async (name, goes, blank) => {
    const bundle = blank ? await smallBundle({ size: 2000 }) : undefined;
    let side = await startRfc2217();
    const { port, url } = side;
    let board = boardAt(goes ? side : fixture(side), blank);
    ends.push(() => {
      board.stop();
      side.cut();
    });
    const stop = new AbortController();
    const running = batch(boardsOf([url], true, stop.signal, open), {
      log: openBatchLog(join(folder, `${name}.jsonl`)),
      now: () => Date.now(),
      commission: (wire, refuseDone) =>
        commissionBoard(wire, {
          ...(bundle && { bundle, accept: ({ mac }) => refuseDone(mac) }),
          acceptDevice: refuseDone,
        }),
    });
    const devices: string[] = [];
    for (;;) {
      const { done, value } = await running.next();
      if (done) {
        expect(value.failed).toEqual([]);
        expect(value.skipped).toBe(0);
        break;
      }
      const { event } = value;
      if (event.type === "failed") throw new Error(event.reason);
      // The board before is done, and the port waits for another.
      if (event.type === "receipt") devices.push(event.receipt.device);
      if (event.type !== "waiting" || devices.length === 0) continue;
      if (devices.length === 2) stop.abort();
      else {
        board.stop();
        if (goes) {
          await side.gone;
          side = await startRfc2217(port);
        }
        board = boardAt(goes ? side : fixture(side), blank);
      }
    }
    expect(new Set(devices).size).toBe(2);
  });

  test("and waits for the first one, too", async () => {
    const free = await startRfc2217();
    const { port, url } = free;
    free.cut();
    await free.gone;
    const [first] = boardsOf([url], true, undefined, open);
    const coming = first?.next();
    const side = await startRfc2217(port);
    ends.push(() => side.cut());
    const wire = await coming;
    expect(wire?.name).toBe(url);
    await wire?.close();
  });
});
