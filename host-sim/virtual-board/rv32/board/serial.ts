import type { Serial, SerialHandler } from "../../../../agent/ports/serial.js";
import { host } from "../../../engines/xs/board/host.js";

/** The board's UART. */
export class UartSerial implements Serial {
  #handler: SerialHandler | undefined;

  open(handler: SerialHandler): void {
    this.#handler = handler;
  }

  write(data: Uint8Array): void {
    host.serialWrite(data);
  }

  close(): void {
    this.#handler = undefined;
  }

  received(data: Uint8Array): void {
    this.#handler?.received(data);
  }
}
