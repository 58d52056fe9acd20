import { DEVICE_INFO, PacketWriter, RPC_COMMAND } from "../agent/provision/improv.js";
import { ChipHost } from "../host-sim/engines/rv32/chip-host.js";
import { type Counters, workOf } from "../host-sim/engines/rv32/counters.js";
import { ToBoard } from "../host-sim/engines/xs/messages.js";
import { DEFAULTS } from "../host-sim/virtual-board/defaults.js";
import type { DeviceConfig } from "../host-sim/virtual-board/rv32/board/platform.js";
import { DEVICE_CREATION } from "../host-sim/virtual-board/rv32/boots.js";
import { ToDevice } from "../host-sim/virtual-board/rv32/messages.js";

const BOARD = 0;
const CONFIG: DeviceConfig = {
  config: { ...DEFAULTS, chip: "ESP32-C3", version: "0.1.0" },
  flash: { size: 64 * 1024, sectorBytes: 4096, programBytes: 4 },
  clock: 0,
  epoch: 0,
  reset: "power-on",
  hasConsole: false,
};

/** Instructions of the firmware from a technician's packet, which asks what device this is, to its answer. */
export async function countImprovPacket(image: string, folder: string): Promise<number> {
  let failure = "";
  const host = new ChipHost({
    image,
    folder,
    isCounted: true,
    failed: ({ message }) => (failure ||= message),
  });
  const writer = new PacketWriter();
  writer.begin(RPC_COMMAND);
  writer.byte(DEVICE_INFO);
  writer.byte(0);
  const packet = writer.finish().slice();
  const count = async (): Promise<Counters> => {
    const counters = await host.counters(BOARD);
    if (counters === undefined || failure !== "") throw new Error(`the device ended: ${failure}`);
    return counters;
  };
  try {
    host.flash(BOARD, CONFIG.flash, false, new Uint8Array(0));
    const ended = (reason: string, detail: string) => {
      failure ||= `${reason}: ${detail}`;
    };
    const config = Buffer.from(JSON.stringify(CONFIG));
    const key = new Uint8Array(32).fill(1);
    host.create(BOARD, DEVICE_CREATION, key, config, { sent() {}, ended }, new Uint8Array(32));
    host.deliver(BOARD, 0, ToBoard.start, 0);
    const ask = async () => {
      await host.count(BOARD, true); // what was left behind is collected outside of what is counted
      await count();
      host.deliver(BOARD, 1000, ToDevice.serial, 0, packet);
      return workOf(await count());
    };
    await ask();
    return await ask();
  } finally {
    await host.close();
  }
}
