import { SerialPort } from "serialport";
import { Receivers, type Wire, WireError, type WireSignals } from "../../provision/wire.js";
import { findPort } from "./ports.js";

const BAUD = 115_200;

/** Opens a serial port of this machine. Throws WireError that says what to do about it. */
export async function openSerial(path: string): Promise<Wire> {
  const port = new SerialPort({ path, baudRate: BAUD, autoOpen: false });
  await new Promise<void>((resolve, reject) =>
    port.open((error) => (error ? reject(whyNot(path, error)) : resolve())),
  );
  const receivers = new Receivers();
  let isClosed = false;
  const closed = new Promise<void>((resolve) =>
    port.once("close", () => {
      isClosed = true;
      receivers.clear();
      resolve();
    }),
  );
  // A port whose cable is pulled says so by an error, or closes, as the system likes.
  port.on("error", () => port.isOpen && port.close());
  port.on("data", (data: Buffer) => receivers.received(Uint8Array.from(data)));
  const done = (start: (callback: (error: Error | null | undefined) => void) => void) =>
    new Promise<void>((resolve, reject) => {
      const ended = () => reject(new WireError("closed", `${path}: the port is closed`));
      if (isClosed) ended();
      else start((error) => (error ? ended() : resolve()));
    });
  const hasLines = await new Promise<boolean>((resolve) => port.get((error) => resolve(error === null)));
  const signals = {
    // serialport sets all lines at once: what is left out would be set to its own defaults.
    dtr: false,
    rts: false,
  };
  const usb = await usbIds(path);
  return {
    name: path,
    closed,
    receive: (handler) => receivers.add(handler),
    write: (data) =>
      done((callback) => {
        port.write(Buffer.from(data));
        port.drain(callback);
      }),
    setBaud: (baud) => done((callback) => port.update({ baudRate: baud }, callback)),
    ...(hasLines && {
      setSignals({ dataTerminalReady = signals.dtr, requestToSend = signals.rts }: WireSignals) {
        signals.dtr = dataTerminalReady;
        signals.rts = requestToSend;
        return done((callback) => port.set({ dtr: dataTerminalReady, rts: requestToSend }, callback));
      },
    }),
    ...(usb !== undefined && { usb }),
    async close() {
      if (!isClosed && port.isOpen) port.close();
      await closed;
    },
  };
}

async function usbIds(path: string): Promise<{ vendor: number; product: number } | undefined> {
  const found = await findPort(path).catch(() => undefined);
  const [, vendor, product] = /^([0-9a-f]{4}):([0-9a-f]{4})$/.exec(found?.usb ?? "") ?? [];
  if (vendor === undefined || product === undefined) return undefined;
  return { vendor: Number.parseInt(vendor, 16), product: Number.parseInt(product, 16) };
}

function whyNot(path: string, { message }: Error): WireError {
  if (/no such file|file not found|cannot find/i.test(message))
    return new WireError("not-there", `${path}: there is no such port`);
  if (/permission|access denied/i.test(message))
    return new WireError("forbidden", `${path}: you may not open it`);
  if (/lock|busy|in use|resource temporarily/i.test(message))
    return new WireError("busy", `${path}: another program has it open`);
  return new WireError("failed", `${path}: ${message}`);
}
