import { describe, expect, test } from "@jest/globals";
import type { Serial } from "../../../agent/ports/serial.js";
import { describeSerial } from "../../conformance/serial.js";
import { loadFirmware } from "./board.js";

interface Options {
  readonly onReadable: (count: number) => void;
  readonly onWritable: (room: number) => void;
  readonly onError?: () => void;
  readonly format: string;
}

const Timer = { set: (call: () => void, delay: number) => setTimeout(call, delay), clear: clearTimeout };

/** One wire, and the SDK's Serial at its end, as the C sources of release 8.2.3 are. */
abstract class FakeIo {
  static last: FakeIo | undefined;
  static opened = 0;
  /** What was done that would have crashed a board. */
  static sins: string[] = [];
  static refusal: string | undefined;
  static taken: number[] = [];
  static look: (() => void) | undefined;
  readonly options: Options;
  protected isClosed = false;
  private isInside = false;
  protected readonly toRead: number[] = [];

  constructor(options: Options) {
    if (FakeIo.refusal !== undefined) throw new Error(FakeIo.refusal);
    if (FakeIo.opened > 0) throw new Error("in use");
    FakeIo.opened++;
    FakeIo.last = this;
    this.options = options;
    this.later(() => this.call(() => options.onWritable(this.room)));
  }

  abstract readonly room: number;
  abstract write(data: unknown): void;

  close(): void {
    if (this.isInside) FakeIo.sins.push("closed inside of a callback");
    if (this.isClosed) return;
    this.isClosed = true;
    FakeIo.opened--;
  }

  read(): ArrayBuffer | undefined {
    if (this.isClosed) FakeIo.sins.push("read after close");
    if (this.toRead.length === 0) return undefined;
    return Uint8Array.from(this.toRead.splice(0)).buffer;
  }

  deliver(bytes: Uint8Array): void {
    if (this.isClosed) return;
    this.toRead.push(...bytes);
    this.call(() => this.options.onReadable(bytes.length));
  }

  later(body: () => void): void {
    setImmediate(() => {
      if (!this.isClosed) body();
    });
  }

  /** The C code goes on with its record after a call. */
  call(body: () => void): void {
    this.isInside = true;
    body();
    this.isInside = false;
  }

  protected take(bytes: Uint8Array): void {
    FakeIo.taken.push(...bytes);
    FakeIo.look?.();
  }
}

/** esp32/serial.c: a FIFO of 128 bytes. */
class Uart extends FakeIo {
  readonly room = 128;
  #fill = 0;

  override write(data: ArrayBuffer): void {
    if (this.isClosed) FakeIo.sins.push("write after close");
    if (this.#fill + data.byteLength > this.room) throw new Error("output full");
    this.#fill += data.byteLength;
    this.later(() => {
      this.#fill = 0;
      this.call(() => this.options.onWritable(this.room));
    });
    this.take(new Uint8Array(data));
  }
}

/** lin/serial.c: one write at a time, of an ArrayBuffer. Closes itself after `onError`. */
class Terminal extends FakeIo {
  readonly room = 1024;
  #isPending = false;

  override write(data: unknown): void {
    if (!(data instanceof ArrayBuffer)) throw new TypeError("no ArrayBuffer");
    if (data.byteLength > this.room || this.#isPending) throw new Error("would overflow");
    this.#isPending = true;
    this.later(() => {
      this.#isPending = false;
      this.call(() => this.options.onWritable(this.room));
    });
    this.take(new Uint8Array(data));
  }
}

/** Both have the error of a terminal, so that the suite can cut the wire; a UART never tells of one. */
function breakWire(io: FakeIo): void {
  io.call(() => io.options.onError?.());
  io.close();
}

interface SerialModule {
  BoardSerial: new (wire: object) => Serial;
}

function load(Io: new (options: Options) => FakeIo): Serial {
  FakeIo.last = undefined;
  FakeIo.opened = 0;
  FakeIo.sins = [];
  FakeIo.refusal = undefined;
  FakeIo.taken = [];
  FakeIo.look = undefined;
  const fakes = { "embedded:io/serial": { default: Io }, timer: { default: Timer } };
  return new (loadFirmware<SerialModule>("ports/serial.ts", fakes).BoardSerial)({ baud: 115_200 });
}

async function settle(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setTimeout(resolve, 0));
}

describe.each([
  ["a board's UART", Uart],
  ["a terminal on Linux", Terminal],
])("%s", (name, Io) => {
  describeSerial(`the SDK's, ${name}`, async () => {
    const serial = load(Io as new (options: Options) => FakeIo);
    return {
      serial,
      async send(bytes) {
        // A UART's FIFO is told of in parts.
        for (let at = 0; at < bytes.length; at += 120) FakeIo.last?.deliver(bytes.slice(at, at + 120));
      },
      async take(count) {
        await new Promise<void>((resolve) => {
          FakeIo.look = () => {
            if (FakeIo.taken.length >= count) resolve();
          };
          FakeIo.look();
        });
        return Uint8Array.from(FakeIo.taken.splice(0, count));
      },
      async cut() {
        breakWire(FakeIo.last as FakeIo);
      },
      async close() {
        await settle();
        expect([FakeIo.sins, FakeIo.opened]).toEqual([[], 0]);
      },
    };
  });
});

test("a port that cannot be opened is told, later", async () => {
  const serial = load(Uart);
  FakeIo.refusal = "in use";
  const reasons: string[] = [];
  serial.open({ received() {}, closed: (reason) => reasons.push(reason) });
  expect(reasons).toEqual([]);
  await settle();
  expect(reasons).toEqual(["Error: in use"]);
});

test("a write that the wire refuses ends it, later", async () => {
  const serial = load(Terminal);
  const reasons: string[] = [];
  serial.open({ received() {}, closed: (reason) => reasons.push(reason) });
  await settle();
  (FakeIo.last as FakeIo).write = () => {
    throw new Error("Input/output error");
  };
  serial.write(Uint8Array.of(1));
  expect(reasons).toEqual([]);
  await settle();
  expect([reasons, FakeIo.opened, FakeIo.sins]).toEqual([["Error: Input/output error"], 0, []]);
});

test("an owner that throws loses its wire, and the machine goes on", async () => {
  const serial = load(Uart);
  const reasons: string[] = [];
  serial.open({
    received() {
      throw new Error("no");
    },
    closed: (reason) => reasons.push(reason),
  });
  await settle();
  FakeIo.last?.deliver(Uint8Array.of(1));
  await settle();
  expect([reasons, FakeIo.opened, FakeIo.sins]).toEqual([["Error: no"], 0, []]);
});
