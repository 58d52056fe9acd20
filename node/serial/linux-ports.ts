import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";

/** One serial port, as sysfs describes it. USB ids are four hex digits. */
export interface LinuxPort {
  readonly path: string;
  readonly manufacturer?: string;
  readonly vendorId?: string;
  readonly productId?: string;
  readonly serialNumber?: string;
}

/** Names that Linux's drivers give to serial ports. */
const SERIAL = /^(tty(S|USB|ACM|AMA|MFD|O|WCH|XRUSB)|rfcomm)\d+$/;

/**
 * The serial ports of a Linux machine, read from sysfs; from /dev alone where there is no sysfs. It
 * needs no udevadm, which containers, Alpine and OpenWrt lack and `SerialPort.list` runs. Only ports
 * that can be opened by their name in /dev are listed.
 */
export function listLinuxPorts(sys = "/sys", dev = "/dev"): LinuxPort[] {
  const folder = join(sys, "class/tty");
  const hasSysfs = existsSync(folder);
  return namesIn(hasSysfs ? folder : dev)
    .filter((name) => SERIAL.test(name) && existsSync(join(dev, name)))
    .map((name) => ({ path: join(dev, name), ...(hasSysfs && usbDevice(join(folder, name, "device"))) }));
}

/** What the USB device says that a port belongs to: it is some levels above the port's own device. */
function usbDevice(link: string): Partial<LinuxPort> {
  let folder: string;
  try {
    folder = realpathSync(link);
  } catch {
    return {};
  }
  while (!existsSync(join(folder, "idVendor"))) {
    const parent = dirname(folder);
    if (parent === folder) return {};
    folder = parent;
  }
  const found = {
    vendorId: attribute(folder, "idVendor"),
    productId: attribute(folder, "idProduct"),
    manufacturer: attribute(folder, "manufacturer"),
    serialNumber: attribute(folder, "serial"),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

function attribute(folder: string, name: string): string | undefined {
  try {
    return readFileSync(join(folder, name), "utf8").trim() || undefined;
  } catch {
    return undefined; // a device need not have all of them, and may be pulled just now
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  } catch {
    return [];
  }
}
