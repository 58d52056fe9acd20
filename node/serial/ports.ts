import { realpathSync } from "node:fs";
import { SerialPort } from "serialport";
import { listLinuxPorts } from "./linux-ports.js";

export interface FoundPort {
  readonly path: string;
  /** What USB says: maker, and the ids in hex. */
  readonly manufacturer?: string;
  readonly usb?: string;
  readonly serial?: string;
  /** What is known of it; undefined: it may be anything. */
  readonly bridge?: string;
}

/** USB bridges on boards with Espressif's chips, and those chips' own USB; by vendor, or vendor and product. */
const BRIDGES: Readonly<Record<string, string>> = {
  "10c4": "CP210x",
  "1a86": "CH340 or CH910x",
  "0403": "FTDI",
  "303a": "Espressif's own USB",
  "067b": "PL2303",
};

/** The serial ports of this machine, those that look like boards first. */
export async function listPorts(): Promise<FoundPort[]> {
  const ports = process.platform === "linux" ? listLinuxPorts() : await SerialPort.list();
  return ports
    .map(({ path, manufacturer, vendorId, productId, serialNumber }): FoundPort => {
      const vendor = vendorId?.toLowerCase();
      const bridge = BRIDGES[vendor ?? ""];
      return {
        path,
        ...(manufacturer !== undefined && { manufacturer }),
        ...(vendor !== undefined && { usb: `${vendor}:${productId?.toLowerCase() ?? "?"}` }),
        ...(serialNumber !== undefined && { serial: serialNumber }),
        ...(bridge !== undefined && { bridge }),
      };
    })
    .sort((a, b) => Number(b.bridge !== undefined) - Number(a.bridge !== undefined));
}

/** The port of that name, also where it is a link to it such as /dev/serial/by-id/…; undefined where none is listed. */
export async function findPort(name: string): Promise<FoundPort | undefined> {
  let path = name;
  try {
    path = realpathSync(name);
  } catch {
    // Windows names its ports COM3, which is no file.
  }
  return (await listPorts()).find((found) => found.path === path || found.path === name);
}
