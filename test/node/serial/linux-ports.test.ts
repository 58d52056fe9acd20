import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { listLinuxPorts } from "../../../node/serial/linux-ports.js";
import { temporaryFolder } from "../../support/cli.js";

const BRIDGE = { idVendor: "10c4\n", idProduct: "ea60\n", manufacturer: "Silicon Labs\n", serial: "0001\n" };

/** A sysfs and a /dev with a USB bridge, the chip's own USB without a serial number, a plain UART and a console. */
function machine() {
  const root = temporaryFolder();
  const [sys, dev] = [join(root, "sys"), join(root, "dev")];
  const device = (usb: string, attributes: Record<string, string>, name: string, below: string) => {
    const folder = join(sys, "devices/pci0/usb1", usb);
    mkdirSync(join(folder, below), { recursive: true });
    for (const [file, text] of Object.entries(attributes)) writeFileSync(join(folder, file), text);
    port(name, join(folder, below));
  };
  const port = (name: string, target: string) => {
    mkdirSync(join(sys, "class/tty", name), { recursive: true });
    symlinkSync(target, join(sys, "class/tty", name, "device"));
    writeFileSync(join(dev, name), "");
  };
  mkdirSync(dev, { recursive: true });
  device("1-10", BRIDGE, "ttyUSB10", "1-10:1.0/ttyUSB10");
  device("1-2", { idVendor: "303a\n", idProduct: "1001\n" }, "ttyACM0", "1-2:1.0");
  mkdirSync(join(sys, "devices/platform/serial8250"), { recursive: true });
  port("ttyS0", join(sys, "devices/platform/serial8250"));
  port("ttyUSB2", join(sys, "devices/gone")); // pulled while it is looked at
  mkdirSync(join(sys, "class/tty/tty1"), { recursive: true });
  mkdirSync(join(sys, "class/tty/ttyUSB9"), { recursive: true }); // not let into this container
  return { sys, dev };
}

test("ports and the USB devices that they belong to come from sysfs", () => {
  const { sys, dev } = machine();
  expect(listLinuxPorts(sys, dev)).toEqual([
    { path: join(dev, "ttyACM0"), vendorId: "303a", productId: "1001" },
    { path: join(dev, "ttyS0") },
    { path: join(dev, "ttyUSB2") },
    {
      path: join(dev, "ttyUSB10"),
      vendorId: "10c4",
      productId: "ea60",
      manufacturer: "Silicon Labs",
      serialNumber: "0001",
    },
  ]);
});

test("without sysfs they are what /dev has", () => {
  const { dev } = machine();
  const paths = ["ttyACM0", "ttyS0", "ttyUSB2", "ttyUSB10"].map((name) => ({ path: join(dev, name) }));
  expect(listLinuxPorts(join(dev, "none"), dev)).toEqual(paths);
  expect(listLinuxPorts(join(dev, "none"), join(dev, "none"))).toEqual([]);
});
