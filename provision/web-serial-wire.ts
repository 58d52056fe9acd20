/// <reference types="w3c-web-serial" />
import { Receivers, type Wire, WireError, type WireSignals } from "./wire.js";

/** Bytes that the browser holds while the page is busy: 0.3 s at 921,600 baud. Its own 255 overflow. */
const BUFFER_BYTES = 32_768;

/** What this file needs of Web Serial's SerialPort; WebUSB adapters have it too. */
export type WebSerialPort = Pick<
  SerialPort,
  "open" | "close" | "readable" | "writable" | "setSignals" | "getInfo"
>;

/**
 * Opens a port that the person has picked (https://wicg.github.io/serial/). Throws WireError: `busy` where another
 * program or tab has it, or the system forbids it: browsers do not tell which.
 */
export async function openWebSerial(port: WebSerialPort, baud: number): Promise<Wire> {
  try {
    await port.open({ baudRate: baud, bufferSize: BUFFER_BYTES });
  } catch (error) {
    throw new WireError("busy", `the port could not be opened: ${messageOf(error)}`);
  }
  return new WebSerialWire(port, baud);
}

class WebSerialWire implements Wire {
  readonly name: string;
  readonly usb?: { readonly vendor: number; readonly product: number };
  readonly closed: Promise<void>;
  readonly #port: WebSerialPort;
  readonly #receivers = new Receivers();
  #baud: number;
  #isOpen = true;
  #end: () => void = () => {};
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #reading: Promise<void>;
  /** Writes, signals and changes of rate, one after the other. */
  #queue: Promise<unknown> = Promise.resolve();
  /**
   * A port that is opened again has its lines at rest; they are put back to what was asked for
   * last.
   */
  #signals: WireSignals = {};

  constructor(port: WebSerialPort, baud: number) {
    this.#port = port;
    this.#baud = baud;
    const { usbVendorId: vendor, usbProductId: product } = port.getInfo();
    if (vendor !== undefined && product !== undefined) this.usb = { vendor, product };
    this.name = this.usb ? `USB ${hex(this.usb.vendor)}:${hex(this.usb.product)}` : "serial port";
    this.closed = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#reading = this.#read();
  }

  write(data: Uint8Array): Promise<void> {
    const copy = data.slice();
    return this.#after(async () => {
      const writer = this.#port.writable?.getWriter();
      if (writer === undefined) throw new Error("it cannot be written to");
      try {
        await writer.write(copy);
      } finally {
        writer.releaseLock();
      }
    });
  }

  receive(handler: (data: Uint8Array) => void): () => void {
    return this.#receivers.add(handler);
  }

  /** Web Serial has no way but to close the port and to open it again. */
  setBaud(baud: number): Promise<void> {
    return this.#after(async () => {
      if (baud === this.#baud) return;
      await this.#stopReading();
      await this.#port.close();
      await this.#port.open({ baudRate: baud, bufferSize: BUFFER_BYTES });
      this.#baud = baud;
      if (Object.keys(this.#signals).length > 0) await this.#port.setSignals(this.#signals);
      this.#reading = this.#read();
    });
  }

  setSignals(signals: WireSignals): Promise<void> {
    return this.#after(async () => {
      this.#signals = { ...this.#signals, ...signals };
      await this.#port.setSignals(signals);
    });
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await this.#queue.catch(() => {});
    await this.#release();
  }

  /** What fails here fails because the port is gone. */
  #after(action: () => Promise<void>): Promise<void> {
    const done = this.#queue.then(async () => {
      if (!this.#isOpen) throw new WireError("closed", `${this.name} is closed`);
      try {
        await action();
      } catch (error) {
        await this.#lose();
        throw new WireError("closed", `${this.name}: ${messageOf(error)}`);
      }
    });
    this.#queue = done.catch(() => {});
    return done;
  }

  /** A break, a parity error or an overrun ends a stream, and the port gives a new one; a cable that is pulled does not. */
  async #read(): Promise<void> {
    while (this.#isOpen && this.#port.readable !== null) {
      const reader = this.#port.readable.getReader();
      this.#reader = reader;
      try {
        for (;;) {
          const { value, done } = await reader.read();
          if (done) return;
          this.#receivers.received(value);
        }
      } catch {
        // Bytes are lost, as on any wire. Whether the port is, the next look at `readable` says.
      } finally {
        this.#reader = undefined;
        reader.releaseLock();
      }
    }
    await this.#lose();
  }

  async #stopReading(): Promise<void> {
    await this.#reader?.cancel();
    await this.#reading;
  }

  async #lose(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await this.#release();
  }

  async #release(): Promise<void> {
    await this.#reader?.cancel().catch(() => {});
    await this.#port.close().catch(() => {});
    this.#receivers.clear();
    this.#end();
  }
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
const hex = (number: number) => number.toString(16).padStart(4, "0");
