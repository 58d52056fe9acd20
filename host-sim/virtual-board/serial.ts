import type { Serial, SerialHandler } from "../../agent/ports/serial.js";
import type { PortSide } from "./port.js";

/** Where a port leads at the moment: to the firmware's serial port, to the ROM loader, or nowhere. */
export type Receiver = (data: Uint8Array) => void;

/** Binding of agent/ports/serial.ts: the firmware's view of a simulated board's port. `attach` says who has the bytes from now on. */
export class PortSerial implements Serial {
  readonly #port: Pick<PortSide, "write">;
  readonly #attach: (receiver: Receiver | undefined) => void;
  #isOpen = false;

  constructor(port: Pick<PortSide, "write">, attach: (receiver: Receiver | undefined) => void) {
    this.#port = port;
    this.#attach = attach;
  }

  open(handler: SerialHandler): void {
    if (this.#isOpen) throw new Error("serial: open already");
    this.#isOpen = true;
    this.#attach((data) => handler.received(data));
  }

  write(data: Uint8Array): void {
    this.#port.write(data);
  }

  close(): void {
    if (this.#isOpen) this.#attach(undefined);
    this.#isOpen = false;
  }
}
