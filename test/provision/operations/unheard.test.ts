import { describe, expect, test } from "@jest/globals";
import type { BoardOptions } from "../../../host-sim/virtual-board/board.js";
import { createMemoryPort } from "../../../host-sim/virtual-board/port.js";
import { awaitBoard } from "../../../provision/operations/board.js";
import { ConsoleEar, diagnose } from "../../../provision/unheard.js";
import type { Wire } from "../../../provision/wire.js";
import { plug } from "../support/plugged-board.js";

const heard = (...said: (string | Uint8Array)[]) => {
  const ear = new ConsoleEar();
  for (const part of said) ear.received(typeof part === "string" ? Buffer.from(part) : part);
  return diagnose(ear.heard);
};
const GREETING = "ESP-ROM:esp32c3-api1-20210207\r\n";

describe("what a board's console shows tells which part of the way failed", () => {
  test.each([
    [
      "a chip in its loader",
      `${GREETING}boot:0x5 (DOWNLOAD(USB/UART0/1))\r\nwaiting for download\r\n`,
      "in-loader",
      "waits in the ROM's loader",
    ],
    [
      "a blank chip",
      `${GREETING}invalid header: 0xffffffff\r\ninvalid header: 0xffffffff\r\n`,
      "not-flashed",
      "finds no firmware",
    ],
    [
      "a bootloader without an app",
      "E (40) boot: No bootable app partitions in the partition table\r\n",
      "not-flashed",
      "finds no firmware",
    ],
    ["another firmware", `${GREETING}WLED 0.15 ready\r\n`, "other-firmware", 'it says "WLED 0.15 ready"'],
    [
      "settings that are damaged",
      '{"type":"boot-failed","reason":"RangeError: settings"}\n',
      "boot-failed",
      "RangeError: settings",
    ],
    [
      "a wire that is closed",
      '{"type":"booted","platform":"node"}\n{"type":"provisioning-closed"}\n',
      "no-firmware",
      "its time for provisioning is over",
    ],
    [
      "firmware that does not answer",
      '{"type":"booted","platform":"node"}\n',
      "no-firmware",
      "runs and does not answer",
    ],
    [
      "another rate",
      Uint8Array.from({ length: 60 }, (_, i) => 0x80 | (i * 7)),
      "wrong-rate",
      "another rate than 115200 baud",
    ],
  ])("%s", (_name, said, code, reason) => {
    expect(heard(said)).toMatchObject({ code, reason: expect.stringContaining(reason) });
  });

  test("nothing at all tells nothing, and the latest counts", () => {
    expect(heard("\r\n")).toBeUndefined();
    expect(heard("waiting for download\r\n", `${GREETING}invalid header: 0xffffffff`)?.code).toBe(
      "not-flashed",
    );
  });
});

describe("a board that does not answer", () => {
  const SHORT = { starts: 600, again: 600 };
  const told = async (wire: Wire) => {
    try {
      (await awaitBoard(wire, "provision", SHORT)).close();
      return "answers";
    } catch (error) {
      return error;
    }
  };
  const noLines = ({ setSignals: _, ...wire }: Wire): Wire => wire;
  const boards: [string, Partial<BoardOptions>, (wire: Wire) => Wire, string][] = [
    ["is blank", { blank: true }, (wire) => wire, "not-flashed"],
    ["waits in its loader, and its port has no reset line", { holdBoot: true }, noLines, "in-loader"],
  ];
  test.each(boards)("since it %s", async (_name, options, change, code) => {
    const { board, wire } = plug({ blank: false, ...options });
    const error = await told(change(wire));
    board.stop();
    expect(error).toMatchObject({ step: "provision", code });
  });

  test("is reset, and heard where only its time for provisioning was over", async () => {
    let close = () => {};
    const closed = new Promise<void>((resolve) => {
      close = resolve;
    });
    const observe: BoardOptions["observe"] = ({ type }) => type === "provisioning-closed" && close();
    const { board, wire } = plug({ blank: false, open: 3000, observe });
    await closed;
    // After the reset it listens for that time again.
    const outcome = await told(wire);
    board.stop();
    expect(outcome).toBe("answers");
  });

  test("since nobody is there", async () => {
    const { wire } = createMemoryPort("nobody");
    const error = await told(wire);
    expect(error).toMatchObject({
      code: "port-silent",
      message: expect.stringContaining("nobody: the port opens, and nothing answers"),
      hint: expect.stringContaining("no data lines"),
    });
  });
});
