import { beforeAll, describe, expect, jest, test } from "@jest/globals";
import { ESPLoader, Transport } from "esptool-js";
import { createRandom32 } from "../../../../host-sim/virtual-board/flash/random.js";
import { CHIP_MODELS } from "../../../../host-sim/virtual-board/rom/chips.js";
import { MemoryBoard } from "../../../../host-sim/virtual-board/rom/memory-board.js";
import type { ChipName } from "../../../../provision/flash/chips.js";
import { SerialDevice } from "../../../../provision/flash/serial-device.js";

// esptool-js prints that its reader ends, whatever it is told.
beforeAll(() => {
  jest.spyOn(console, "log").mockImplementation(() => {});
});

const SILENT = { clean() {}, writeLine() {}, write() {} };

function randomBytes(length: number, seed: number): Uint8Array {
  const random = createRandom32(seed);
  // Half of it repeats, so that deflating is worth something.
  return Uint8Array.from({ length }, (_, i) => (i % 64 < 32 ? random() : i));
}

function loaderOf(board: MemoryBoard, baudrate: number): ESPLoader {
  const device = new SerialDevice(board.plug()) as unknown as SerialPort;
  return new ESPLoader({ transport: new Transport(device), baudrate, terminal: SILENT });
}

describe("esptool-js, as it is, over the simulated ROM loader", () => {
  test.each<[ChipName, string, boolean, number]>([
    ["esp32", "ESP32", true, 115_200],
    ["esp32", "ESP32", false, 921_600],
    ["esp32c3", "ESP32-C3", true, 921_600],
    ["esp32c3", "ESP32-C3", false, 115_200],
    ["esp32s3", "ESP32-S3", true, 460_800],
  ])(
    "%s is %s, and gives back what it was given (deflated: %s, %d baud)",
    async (name, family, compress, baud) => {
      const board = new MemoryBoard({ chip: name });
      const loader = loaderOf(board, baud);
      await loader.main();
      expect(loader.chip.CHIP_NAME).toBe(family);
      expect(await loader.chip.readMac(loader)).toBe("34:85:18:01:02:03");
      expect(await loader.detectFlashSize()).toBe("4MB");

      const files = [
        { address: 0x9000, data: randomBytes(5_000, 1) },
        { address: 0x20000, data: randomBytes(70_001, 2) },
      ];
      await loader.writeFlash({
        fileArray: files,
        flashSize: "keep",
        flashMode: "keep",
        flashFreq: "keep",
        eraseAll: false,
        compress,
      });
      for (const { address, data } of files) {
        const read = await loader.readFlash(address, data.length);
        expect(Buffer.from(read).equals(data)).toBe(true);
        expect(Buffer.from(board.flash.bytes.subarray(address, address + data.length)).equals(data)).toBe(
          true,
        );
      }
      expect(board.flash.bytes.subarray(0x9000 - 16, 0x9000).every((byte) => byte === 0xff)).toBe(true);
      await loader.transport.disconnect();
    },
  );
});

test("chips are told apart by their magic numbers, too", () => {
  expect(new Set(Object.values(CHIP_MODELS).map(({ magic }) => magic)).size).toBe(3);
});
