import { hex } from "../../../agent/cose/kid.js";
import type { DeviceInventory, Inventories } from "../../../network/ports/inventories.js";
import type { KeptFrame } from "../../../network/witness/view.js";

/** A frame as a witness keeps it; of device `n`, whose kid is 8 bytes of it. Its bytes say what it is. */
export function keptFrame(n: number, sequence: number, boot = 1): KeptFrame {
  const bytes = Uint8Array.of(n, boot, sequence & 0xff, sequence >> 8);
  const kid = hex(new Uint8Array(8).fill(n));
  return { kid, boot, sequence, bytes, time: 1, received: 1, broker: "mqtt://a", verdict: "ok" };
}

/** Inventories that are kept in memory. */
export function memoryInventories(): Inventories {
  const epochs = new Map<number, DeviceInventory[]>();
  return {
    async write(epoch, devices) {
      epochs.set(epoch, [...devices]);
    },
    devices: (epoch) => epochs.get(epoch) ?? [],
    device: (epoch, kid) => epochs.get(epoch)?.find((one) => hex(one.kid) === hex(kid)),
    async removeBefore(epoch) {
      for (const other of epochs.keys()) if (other < epoch) epochs.delete(other);
    },
  };
}
