import { SerialPort } from "serialport";
import { Receivers, type Wire } from "../../../../provision/wire.js";

/** A terminal as tools open it. */
export async function openTerminal(path: string): Promise<Wire> {
  const port = new SerialPort({ path, baudRate: 115_200, autoOpen: false });
  await new Promise<void>((resolve, reject) => port.open((error) => (error ? reject(error) : resolve())));
  const receivers = new Receivers();
  port.on("data", (data: Buffer) => receivers.received(Uint8Array.from(data)));
  const closed = new Promise<void>((resolve) => port.once("close", () => resolve()));
  return {
    name: path,
    closed,
    receive: (handler) => receivers.add(handler),
    write: (data) =>
      new Promise((resolve, reject) => {
        port.write(Buffer.from(data), (error) => (error ? reject(error) : resolve()));
      }),
    async setBaud() {},
    async close() {
      if (port.isOpen) port.close();
      await closed;
    },
  };
}
