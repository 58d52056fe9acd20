import type { Duplex } from "node:stream";
import type { BoardCounts, BoardListener, RootCounts, XsHost } from "../xs/process.js";
import { XsProcess } from "../xs/process.js";
import type { Creation, FlashShape } from "../xs/wire.js";
import { type Counters, OwnKind, readCounters } from "./counters.js";
import { Machine, type MachineOptions } from "./machine.js";

const NOTHING = new Uint8Array(0);

export interface ChipHostOptions extends MachineOptions {
  /** qemu ended by itself, and the board with it. */
  readonly failed: (error: Error) => void;
  /** The board takes the time from its own clock (mtime), and not from each message. */
  readonly hasOwnClock?: boolean;
}

/**
 * One board on an emulated chip, as its owner in Node has boards on xs-host. It is switched on with the first message. What Node gives as
 * content of its flash is put there before, as a programmer would; without content, it boots with what its flash holds.
 */
export class ChipHost implements XsHost {
  readonly machine: Machine;
  readonly #options: ChipHostOptions;
  #process: XsProcess | undefined;
  /** What is to be said as soon as it listens: what comes before is lost, as on any serial line. Undefined: it does. */
  #waiting: ((process: XsProcess) => void)[] | undefined = [];
  #counted = (_counters: Counters) => {};

  constructor(options: ChipHostOptions) {
    this.#options = options;
    this.machine = new Machine(options);
  }

  /** qemu's, where it is switched on. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** The other end of its UART, where it is switched on and has one. */
  get serial(): Duplex | undefined {
    return this.#process?.serial;
  }

  /** Switches it on; resolves when it takes messages. */
  get ready(): Promise<RootCounts> {
    return this.#on().ready;
  }

  flash(board: number, shape: FlashShape, isMirrored: boolean, content: Uint8Array): void {
    if (content.length > 0) this.machine.writeFlash(0, content);
    this.#tell((process) => process.flash(board, shape, isMirrored, NOTHING));
  }

  dropFlash(board: number): void {
    this.#tell((process) => process.dropFlash(board));
  }

  create(
    board: number,
    creation: Creation,
    privateKey: Uint8Array,
    config: Uint8Array,
    listener: BoardListener,
    seed?: Uint8Array,
  ): void {
    const heard: BoardListener = {
      sent: (kind, id, bytes) => {
        if (kind === OwnKind.counters) this.#counted(readCounters(bytes));
        else listener.sent(kind, id, bytes);
      },
      ended: (reason, detail) => listener.ended(reason, detail),
      flashed: (change, address, bytes) => listener.flashed?.(change, address, bytes),
    };
    this.#tell((process) => {
      process.create(board, creation, privateKey, config, heard, seed);
      if (this.#options.hasOwnClock) process.deliver(board, 0, OwnKind.clock, 0);
    });
  }

  deliver(board: number, uptime: number, kind: number, id: number, payload?: Uint8Array): void {
    if (this.#waiting === undefined) this.#process?.deliver(board, uptime, kind, id, payload);
    else {
      const kept = payload && Uint8Array.from(payload);
      this.#tell((process) => process.deliver(board, uptime, kind, id, kept));
    }
  }

  end(board: number): void {
    this.#tell((process) => process.end(board));
  }

  /** Resolves when the board has done all that was sent before. */
  async barrier(): Promise<void> {
    await this.ready;
    await this.#process?.barrier();
  }

  async count(board: number, collect: boolean): Promise<BoardCounts | undefined> {
    await this.ready;
    return (await this.#on().count(board, collect)).get(board);
  }

  /** Instructions since it was asked last, and memory. Where the board has ended, undefined. */
  async counters(board: number): Promise<Counters | undefined> {
    let found: Counters | undefined;
    this.#counted = (counters) => {
      found = counters;
    };
    this.deliver(board, 0, OwnKind.counters, 0);
    await this.barrier();
    return found;
  }

  /** Switches it off, in whatever it does. `failed` hears of it. */
  cutPower(): void {
    this.#process?.kill();
  }

  /** Ends it well. */
  async close(): Promise<void> {
    await this.#process?.close();
    this.#process = undefined;
  }

  #on(): XsProcess {
    if (this.#process !== undefined) return this.#process;
    const process = new XsProcess(
      "/bin/sh",
      this.machine.script,
      this.#options.failed,
      this.#options.hasSerial,
    );
    this.#process = process;
    this.#waiting = [];
    process.ready.then(
      () => {
        const waiting = this.#waiting ?? [];
        this.#waiting = undefined;
        for (const say of waiting) say(process);
      },
      () => {}, // `failed` hears of it
    );
    return process;
  }

  #tell(say: (process: XsProcess) => void): void {
    const process = this.#on();
    if (this.#waiting === undefined) say(process);
    else this.#waiting.push(say);
  }
}
