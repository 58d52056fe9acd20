import { type ChildProcess, spawn } from "node:child_process";
import type { Duplex } from "node:stream";
import {
  type Creation,
  type EndReason,
  type FlashChange,
  type FlashShape,
  FromHost,
  HostReader,
  HostWriter,
  REASONS,
  type Reply,
  readFlashed,
  ToHost,
} from "./wire.js";

/** What one board's owner in Node hears, in order. Bytes are good during the call only. */
export interface BoardListener {
  sent(kind: number, id: number, bytes: Buffer): void;
  ended(reason: EndReason, detail: string): void;
  /** Its mirrored flash was changed; the address of an erased sector. */
  flashed?(change: FlashChange, address: number, bytes: Buffer): void;
  /** The board waits for the answer. Under `XsSync` only. */
  call?(kind: number, id: number, bytes: Buffer): Reply;
}

/** Where boards on XS run, as their owners see it: `XsProcess`, or `XsSync` in virtual time. */
export interface XsHost {
  /** A flash for the board of this number, in place of an older one; before the board is created. It stays when the board ends. */
  flash(board: number, shape: FlashShape, isMirrored: boolean, content: Uint8Array): void;
  dropFlash(board: number): void;
  /** `seed`: 32 bytes that all of the board's randomness comes from; without it, from the system. */
  create(
    board: number,
    creation: Creation,
    privateKey: Uint8Array,
    config: Uint8Array,
    listener: BoardListener,
    seed?: Uint8Array,
  ): void;
  /** A message, at an uptime in milliseconds. For a board that has ended: nothing. */
  deliver(board: number, uptime: number, kind: number, id: number, payload?: Uint8Array): void;
  /** Ends a board and forgets it: its listener hears nothing any more, and its number is free. */
  end(board: number): void;
}

/**
 * Doubles that xs-host reports, in the order of native/protocol.c. Chunks are in bytes of a 32-bit board, but for
 * `chunksHere`; `livePeak` is the most that was left after a collection. `flashBytes`: what its flash takes of this machine's memory.
 */
const BOARD_COUNTS = [
  "slots",
  "slotsUsed",
  "slotsPeak",
  "slotsLivePeak",
  "chunks",
  "chunksUsed",
  "chunksLivePeak",
  "chunksHere",
  "stack",
  "stackPeak",
  "collections",
  "aliases",
  "keys",
  "keysUsed",
  "nameModulo",
  "symbolModulo",
  "hostBytes",
  "turns",
  "computrons",
  "flashBytes",
] as const;
const ROOT_COUNTS = [
  "version",
  "slots",
  "chunkBytes",
  "chunkBytes32",
  "aliases",
  "keys",
  "nameModulo",
  "symbolModulo",
  "rangeBytes",
] as const;
export type BoardCounts = Record<(typeof BOARD_COUNTS)[number], number>;
export type RootCounts = Record<(typeof ROOT_COUNTS)[number], number>;

/** One xs-host process and the boards in it. Messages go out once in a turn of Node's event loop. */
export class XsProcess implements XsHost {
  /** Resolves when the root machine (the flash) is made; rejects where xs-host ends before. */
  readonly ready: Promise<RootCounts>;
  readonly #child: ChildProcess;
  readonly #writer = new HostWriter();
  readonly #boards = new Map<number, BoardListener>();
  /** Boards that were told to end and have not said so yet, and how often: what they say is no one's. */
  readonly #ending = new Map<number, number>();
  readonly #pongs = new Map<number, () => void>();
  /** What `count` was asked for, in order; the answers come in the same order. */
  readonly #counting: Map<number, BoardCounts>[] = [];
  /** How it ended. */
  readonly #exited: Promise<string>;
  #token = 0;
  #isScheduled = false;
  #isOver = false;

  #made = (_counts: RootCounts) => {};
  #notMade = (_error: Error) => {};
  readonly #failed: (error: Error) => void;

  /** `failed`: xs-host ended by itself; its boards hear nothing any more. With a serial port, that is the program's descriptor 3, a socket. */
  constructor(program: string, bundle: string, failed: (error: Error) => void, hasSerial = false) {
    this.#failed = failed;
    const child = spawn(program, [bundle], {
      stdio: ["pipe", "pipe", "inherit", ...(hasSerial ? (["pipe"] as const) : [])],
    });
    this.#child = child;
    const reader = new HostReader((board, kind, payload) => this.#frame(board, kind, payload));
    this.ready = new Promise((resolve, reject) => {
      this.#made = resolve;
      this.#notMade = reject;
    });
    this.ready.catch(() => {}); // `failed` hears of it as well
    child.stdout?.on("data", (chunk: Buffer) => reader.push(chunk));
    child.stdin?.on("error", () => {}); // its end is told by `close`
    this.serial?.on("error", () => {});
    this.#exited = new Promise((resolve) => {
      const over = (how: string) => {
        this.#ended(new Error(`xs-host ended with ${how}`));
        resolve(how);
      };
      child.once("error", ({ message }) => over(message));
      child.once("close", (code, signal) => over(signal ?? `exit code ${code}`));
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** The other end of its serial port, where it has one. */
  get serial(): Duplex | undefined {
    return (this.#child.stdio[3] as Duplex | undefined) ?? undefined;
  }

  flash(board: number, shape: FlashShape, isMirrored: boolean, content: Uint8Array): void {
    this.#writer.flash(board, shape, isMirrored, content);
    this.#schedule();
  }

  dropFlash(board: number): void {
    this.#writer.frame(board, ToHost.flashDrop);
    this.#schedule();
  }

  create(
    board: number,
    creation: Creation,
    privateKey: Uint8Array,
    config: Uint8Array,
    listener: BoardListener,
    seed?: Uint8Array,
  ): void {
    this.#boards.set(board, listener);
    this.#writer.create(board, creation, privateKey, config, seed);
    this.#schedule();
  }

  deliver(board: number, uptime: number, kind: number, id: number, payload?: Uint8Array): void {
    if (!this.#boards.has(board)) return;
    this.#writer.deliver(board, uptime, kind, id, payload);
    this.#schedule();
  }

  end(board: number): void {
    if (!this.#boards.delete(board)) return;
    this.#ending.set(board, (this.#ending.get(board) ?? 0) + 1);
    this.#writer.frame(board, ToHost.end);
    this.#schedule();
  }

  /** Resolves when xs-host has done all that was sent before. */
  async barrier(): Promise<void> {
    await this.#ping(() => {});
  }

  /** Counts of one board, or of ALL_BOARDS. `collect`: after a garbage collection. */
  async count(board: number, collect: boolean): Promise<Map<number, BoardCounts>> {
    const found = new Map<number, BoardCounts>();
    this.#counting.push(found);
    this.#writer.frame(board, ToHost.statistics, Uint8Array.of(collect ? 1 : 0));
    await this.#ping(() => this.#counting.shift());
    return found;
  }

  /** Ends it at once, in whatever it does; `failed` hears of it. Harmless where it has ended. */
  kill(): void {
    this.#child.kill("SIGKILL");
  }

  /** Ends it; rejects where it does not end well: a sanitizer then found something. */
  async close(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#writer.frame(0, ToHost.quit);
    this.#flush();
    const how = await this.#exited;
    if (how !== "exit code 0") throw new Error(`xs-host ended with ${how}`);
  }

  /** Calls `pong` when xs-host has done all that was sent before, and then resolves. */
  async #ping(pong: () => void): Promise<void> {
    const token = ++this.#token;
    const answered = new Promise<void>((resolve) =>
      this.#pongs.set(token, () => {
        pong();
        resolve();
      }),
    );
    this.#writer.frame(token, ToHost.ping);
    this.#schedule();
    await Promise.race([answered, this.#exited]);
  }

  /** One `end` was done, or came too late. */
  #didEnd(board: number): void {
    const left = (this.#ending.get(board) ?? 1) - 1;
    if (left > 0) this.#ending.set(board, left);
    else this.#ending.delete(board);
  }

  #frame(board: number, kind: number, payload: Buffer): void {
    switch (kind) {
      case FromHost.sent:
        if (this.#ending.has(board)) break;
        this.#boards.get(board)?.sent(payload.readUInt8(0), payload.readDoubleLE(1), payload.subarray(9));
        break;
      case FromHost.flashed: {
        const it = this.#ending.has(board) ? undefined : readFlashed(payload);
        if (it !== undefined) this.#boards.get(board)?.flashed?.(it.change, it.address, it.bytes);
        break;
      }
      case FromHost.ended: {
        const reason = REASONS[payload.readUInt8(0)] ?? "fatal";
        if (this.#ending.has(board)) {
          // By itself, before it heard: the answer to `end` is yet to come.
          if (reason === "asked") this.#didEnd(board);
          break;
        }
        const listener = this.#boards.get(board);
        this.#boards.delete(board);
        listener?.ended(reason, payload.toString("utf8", 1));
        break;
      }
      case FromHost.counted:
        this.#counting[0]?.set(board, readBoardCounts(payload));
        break;
      case FromHost.ready:
        this.#made(readRootCounts(payload));
        break;
      case FromHost.pong:
        this.#pongs.get(board)?.();
        this.#pongs.delete(board);
        break;
      case FromHost.refused: {
        const why = payload.toString();
        // A board may have ended while it was asked to, or for its counts.
        if (why.startsWith("end:")) this.#didEnd(board);
        else if (!why.startsWith("statistics:"))
          this.#failed(new Error(`xs-host refused a message for board ${board}: ${why}`));
        break;
      }
    }
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      if (!this.#isOver) this.#flush();
    });
  }

  #flush(): void {
    if (this.#writer.length === 0) return;
    // xs-host reads no more while much of what it wrote is not read. This side always reads, or both would wait.
    this.#child.stdin?.write(this.#writer.take());
  }

  #ended(error: Error): void {
    this.#notMade(error);
    if (this.#isOver) return;
    this.#isOver = true;
    this.#failed(error);
  }
}

export function readBoardCounts(payload: Buffer): BoardCounts {
  return doubles(BOARD_COUNTS, payload);
}

export function readRootCounts(payload: Buffer): RootCounts {
  return doubles(ROOT_COUNTS, payload);
}

function doubles<Name extends string>(names: readonly Name[], payload: Buffer): Record<Name, number> {
  return Object.fromEntries(names.map((name, at) => [name, payload.readDoubleLE(8 * at)])) as Record<
    Name,
    number
  >;
}
