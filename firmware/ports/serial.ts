import SerialIo from "embedded:io/serial";
import Timer from "timer";
import type { Serial, SerialHandler } from "../../agent/ports/serial.js";

/** What ECMA-419's Serial (§12.4) needs to find the wire on a board: pins of UART `port`. */
export interface UartWire {
  readonly port: number;
  readonly receive: number;
  readonly transmit: number;
  readonly baud: number;
}

/** And what the SDK's for Linux does. `device`: the path of a terminal. */
export interface TerminalWire {
  readonly device: string;
  readonly baud: number;
}

/** Bytes that wait for room on the wire, at most; a write for which there is no room left is dropped. Allocated while it is open. */
export const SERIAL_ROOM = 2048;

const NOTHING = new Uint8Array(0);

/**
 * A wire by the SDK's ECMA-419 Serial, 8N1. On a board it is the one on which a technician's tools also see the console, UART0:
 *
 * - Without `--release` the SDK has UART0 for its own debugger: the port cannot be opened (`closed`: "in use").
 * - With it, `trace` goes nowhere on esp32, esp32c3 and m5atom (ESP_CONSOLE_NONE), and to UART0 on esp32s3. There a line of it can fall
 *   between two parts of one write, since a UART takes 128 bytes at a time: who prints while the port is open does so by `write`, one line a call.
 * - The ROM's and the bootloader's lines come before. A packet of Improv therefore begins after a line feed, in both directions.
 *
 * Everything is done from a timer, never inside a call of the owner's or of the SDK's: its C code goes on with the port after it called `onReadable`,
 * `onWritable` or `onError`, and would go on with freed memory if the port was closed there.
 */
export class BoardSerial implements Serial {
  readonly #wire: UartWire | TerminalWire;
  #handler: SerialHandler | undefined;
  #io: SerialIo | undefined;
  /** Is to be closed. */
  #stale: SerialIo | undefined;
  #timer: ReturnType<typeof Timer.set> | undefined;
  #failure: string | undefined;
  /** The first `#length` bytes wait; `#room` of them may be written now. */
  #waiting = NOTHING;
  #length = 0;
  #room = 0;

  constructor(wire: UartWire | TerminalWire) {
    this.#wire = wire;
  }

  open(handler: SerialHandler): void {
    this.#handler = handler;
    this.#failure = undefined;
    this.#waiting = new Uint8Array(SERIAL_ROOM);
    this.#length = 0;
    this.#room = 0;
    this.later();
  }

  write(data: Uint8Array): void {
    if (this.#length + data.length > this.#waiting.length) return;
    this.#waiting.set(data, this.#length);
    this.#length += data.length;
    this.drain();
  }

  close(): void {
    this.#handler = undefined;
    this.#waiting = NOTHING;
    this.#length = 0;
    if (this.#io === undefined) return;
    this.#stale = this.#io;
    this.#io = undefined;
    this.later();
  }

  private later(): void {
    this.#timer ??= Timer.set(() => this.turn(), 0);
  }

  private turn(): void {
    this.#timer = undefined;
    const stale = this.#stale;
    this.#stale = undefined;
    stale?.close();
    const handler = this.#handler;
    if (handler === undefined) return;
    if (this.#failure === undefined && this.#io === undefined) this.connect();
    if (this.#failure === undefined) return;
    const reason = this.#failure;
    this.close();
    handler.closed(reason);
  }

  private connect(): void {
    try {
      const options = {
        ...this.#wire,
        format: "buffer",
        onReadable: () => this.readable(),
        onWritable: (room: number) => this.writable(room),
        onError: () => this.fail("the wire is gone"),
      };
      this.#io = new SerialIo(options as unknown as ConstructorParameters<typeof SerialIo>[0]);
    } catch (error) {
      this.#failure = String(error);
    }
  }

  private readable(): void {
    if (this.#io === undefined) return;
    try {
      const data = this.#io.read();
      if (data !== undefined) this.#handler?.received(new Uint8Array(data as ArrayBuffer));
    } catch (error) {
      this.fail(String(error));
    }
  }

  private writable(room: number): void {
    this.#room = room;
    this.drain();
  }

  /** One write for each `onWritable`: while an earlier one is on its way the SDK refuses the next. */
  private drain(): void {
    const count = this.#room < this.#length ? this.#room : this.#length;
    if (count === 0 || this.#io === undefined) return;
    this.#room = 0;
    const part = this.#waiting.slice(0, count);
    this.#waiting.copyWithin(0, count, this.#length);
    this.#length -= count;
    try {
      this.#io.write(part.buffer); // the SDK's for Linux takes no views
    } catch (error) {
      this.fail(String(error));
    }
  }

  private fail(reason: string): void {
    if (this.#io === undefined) return;
    this.#failure ??= reason;
    this.later();
  }
}
