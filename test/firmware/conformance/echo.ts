import type { SerialHandler } from "../../../agent/ports/serial.js";
import { BoardSerial } from "../../../firmware/ports/serial.js";

const BAUD = 115_200;
/** ASCII EOT: the wire is closed and opened again. */
const REOPEN = 4;

/** Sends back what comes on a terminal, for test/firmware/serial.test.ts; says on the console when it opens and why it ended. */
export class Echo implements SerialHandler {
  readonly #serial: BoardSerial;

  constructor(device: string) {
    this.#serial = new BoardSerial({ device, baud: BAUD });
    this.open();
  }

  received(data: Uint8Array): void {
    this.#serial.write(data);
    if (!data.includes(REOPEN)) return;
    this.#serial.close();
    this.open();
  }

  closed(reason: string): void {
    trace(`${JSON.stringify({ type: "serial-closed", reason })}\n`);
  }

  private open(): void {
    this.#serial.open(this);
    this.#serial.write(Uint8Array.of(REOPEN));
  }
}
