import type { Wire } from "../wire.js";

/**
 * A wire in the shape of Web Serial's SerialPort, as far as esptool-js uses it. Opening and closing it does nothing to the wire,
 * which stays open: esptool-js closes and opens its port to change the rate or to try again, and a real port would reset
 * the board by that.
 */
export class SerialDevice {
  readable: ReadableStream<Uint8Array> | null = null;
  writable: WritableStream<Uint8Array> | null = null;
  readonly #wire: Wire;
  #leave = () => {};

  constructor(wire: Wire) {
    this.#wire = wire;
  }

  getInfo(): { usbVendorId?: number; usbProductId?: number } {
    const { usb } = this.#wire;
    return usb === undefined ? {} : { usbVendorId: usb.vendor, usbProductId: usb.product };
  }

  async open({ baudRate }: { baudRate: number }): Promise<void> {
    await this.#wire.setBaud(baudRate);
    const wire = this.#wire;
    let stop = () => {};
    let isOver = false;
    const end = () => {
      stop();
      const wasOver = isOver;
      isOver = true;
      return !wasOver;
    };
    this.readable = new ReadableStream<Uint8Array>({
      start: (controller) => {
        stop = wire.receive((data) => controller.enqueue(data));
        this.#leave = () => {
          if (end()) controller.close();
        };
        void wire.closed.then(this.#leave);
      },
      cancel: () => {
        end();
      },
    });
    this.writable = new WritableStream<Uint8Array>({ write: (data) => wire.write(data) });
  }

  async close(): Promise<void> {
    this.#leave();
    this.readable = null;
    this.writable = null;
  }

  /** Which spares esptool-js to close and open the port. */
  setBaudRate(baud: number): Promise<void> {
    return this.#wire.setBaud(baud);
  }

  async setSignals(signals: { dataTerminalReady?: boolean; requestToSend?: boolean }): Promise<void> {
    await this.#wire.setSignals?.(signals);
  }
}
