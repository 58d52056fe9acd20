import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type BoardCounts,
  type BoardListener,
  type RootCounts,
  readBoardCounts,
  readRootCounts,
  type XsHost,
} from "./process.js";
import {
  type Creation,
  type FlashShape,
  FromHost,
  HostReader,
  HostWriter,
  REASONS,
  type Reply,
  readFlashed,
  ToHost,
} from "./wire.js";

/** What is read at once, at most. */
const READ_BYTES = 1 << 16;

/**
 * One xs-host, driven without Node's event loop, for virtual time: a call here returns when the board's turn is over, and the board's
 * listener has heard all that came of it, calls that the board made included. Where xs-host ends, that is an Error, also of each
 * later call. A listener must not call back in here, but for `end`; what it throws comes out of the call that made it hear, when the turn is over, and
 * cuts the board's power where the board waits for its answer.
 */
export class XsSync implements XsHost {
  /** What the root machine takes. */
  readonly root: RootCounts;
  readonly #child: ChildProcess;
  readonly #input: number;
  readonly #output: number;
  readonly #writer = new HostWriter();
  readonly #chunk = Buffer.allocUnsafe(READ_BYTES);
  readonly #boards = new Map<number, BoardListener>();
  /** Boards that are to end when the turn is over. */
  readonly #ending: number[] = [];
  readonly #exited: Promise<string>;
  readonly #reader = new HostReader((board, kind, payload) => this.#frame(board, kind, payload));
  #isInTurn = false;
  /** Whether what is waited for has come. */
  #isOver = false;
  #root: RootCounts | undefined;
  #counts = new Map<number, BoardCounts>();
  /** What a listener threw first in this turn. */
  #thrown: { readonly error: unknown } | undefined;
  /** Why nothing can be asked of xs-host any more. */
  #failure: Error | undefined;

  /** Starts xs-host; throws where it does not start, as with a bundle that throws. */
  constructor(program: string, bundle: string) {
    const { input, output, hostInput, hostOutput } = openPipes();
    this.#input = input;
    this.#output = output;
    this.#child = spawn(program, [bundle], { stdio: [hostInput, hostOutput, "inherit"] });
    this.#exited = new Promise((resolve) => {
      this.#child.once("error", ({ message }) => resolve(message));
      this.#child.once("exit", (code, signal) => resolve(signal ?? `exit code ${code}`));
    });
    closeSync(hostInput);
    closeSync(hostOutput);
    this.#wait();
    if (this.#root === undefined) throw this.#fail("xs-host did not say that it is ready");
    this.root = this.#root;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  flash(board: number, shape: FlashShape, isMirrored: boolean, content: Uint8Array): void {
    this.#begin();
    this.#writer.flash(board, shape, isMirrored, content);
    this.#ping();
  }

  dropFlash(board: number): void {
    this.#begin();
    this.#writer.frame(board, ToHost.flashDrop);
    this.#ping();
  }

  create(
    board: number,
    creation: Creation,
    privateKey: Uint8Array,
    config: Uint8Array,
    listener: BoardListener,
    seed?: Uint8Array,
  ): void {
    this.#begin();
    if (this.#boards.has(board)) throw new Error(`board ${board} runs already`);
    this.#boards.set(board, listener);
    this.#writer.create(board, creation, privateKey, config, seed, true);
    this.#turn();
  }

  deliver(board: number, uptime: number, kind: number, id: number, payload?: Uint8Array): void {
    this.#begin();
    if (!this.#boards.has(board)) return;
    this.#writer.deliver(board, uptime, kind, id, payload);
    this.#turn();
  }

  /** Inside a turn, the board hears nothing any more, its next call is cut, and it ends with the turn. */
  end(board: number): void {
    if (!this.#isInTurn) this.#begin();
    if (!this.#boards.delete(board)) return;
    this.#ending.push(board);
    if (!this.#isInTurn) this.#endAll();
  }

  /** Counts of one board, or of ALL_BOARDS. `collect`: after a garbage collection. */
  count(board: number, collect: boolean): Map<number, BoardCounts> {
    this.#begin();
    this.#counts = new Map();
    this.#writer.frame(board, ToHost.statistics, Uint8Array.of(collect ? 1 : 0));
    this.#ping();
    return this.#counts;
  }

  /** Ends it; rejects where it does not end well: a sanitizer then found something. */
  async close(): Promise<void> {
    if (this.#failure === undefined) {
      this.#writer.frame(0, ToHost.quit);
      this.#write();
      this.#fail("xs-host was closed");
    }
    const how = await this.#exited;
    if (how !== "exit code 0") throw new Error(`xs-host ended with ${how}`);
  }

  #begin(): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#isInTurn)
      throw new Error("a listener called back into xs-host while a board's turn was under way");
  }

  /** What is not a board's turn has no end of its own. */
  #ping(): void {
    this.#writer.frame(0, ToHost.ping);
    this.#turn();
  }

  #endAll(): void {
    for (const board of this.#ending.splice(0)) this.#writer.frame(board, ToHost.end);
    this.#ping();
  }

  /** Writes what there is, and hears all until the answer's end. */
  #turn(): void {
    this.#isInTurn = true;
    try {
      this.#write();
      this.#wait();
    } finally {
      this.#isInTurn = false;
    }
    if (this.#ending.length > 0) this.#endAll();
    const thrown = this.#thrown;
    this.#thrown = undefined;
    if (thrown !== undefined) throw thrown.error;
  }

  #wait(): void {
    this.#isOver = false;
    while (!this.#isOver) {
      const bytes = readSync(this.#output, this.#chunk, 0, READ_BYTES, null);
      if (bytes === 0) throw this.#fail("xs-host ended by itself");
      this.#reader.push(this.#chunk.subarray(0, bytes));
    }
  }

  #write(): void {
    const bytes = this.#writer.take();
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#input, bytes, at);
    } catch (error) {
      throw this.#fail(`xs-host ended by itself: ${(error as Error).message}`);
    }
  }

  /** Gives the pipes back: xs-host, if it still runs, ends with its input. */
  #fail(why: string): Error {
    if (this.#failure === undefined) {
      this.#failure = new Error(why);
      closeSync(this.#input);
      closeSync(this.#output);
    }
    return this.#failure;
  }

  #frame(board: number, kind: number, payload: Buffer): void {
    switch (kind) {
      case FromHost.sent:
        this.#tell(board, (listener) =>
          listener.sent(payload.readUInt8(0), payload.readDoubleLE(1), payload.subarray(9)),
        );
        break;
      case FromHost.call:
        this.#writer.reply(board, this.#answer(board, payload));
        this.#write();
        break;
      case FromHost.flashed: {
        const it = readFlashed(payload);
        if (it !== undefined)
          this.#tell(board, (listener) => listener.flashed?.(it.change, it.address, it.bytes));
        break;
      }
      case FromHost.ended: {
        const reason = REASONS[payload.readUInt8(0)] ?? "fatal";
        this.#tell(board, (listener) => {
          this.#boards.delete(board);
          listener.ended(reason, payload.toString("utf8", 1));
        });
        break;
      }
      case FromHost.counted:
        this.#counts.set(board, readBoardCounts(payload));
        break;
      case FromHost.ready:
        this.#root = readRootCounts(payload);
        this.#isOver = true;
        break;
      case FromHost.refused:
        this.#refused(board, payload.toString());
        break;
      case FromHost.done:
      case FromHost.pong:
        this.#isOver = true;
        break;
    }
  }

  #refused(board: number, why: string): void {
    // A board may have ended by itself when it is asked to, or for its counts.
    if (/^(statistics|end):/.test(why)) return;
    this.#thrown ??= { error: new Error(`xs-host refused a message for board ${board}: ${why}`) };
    // A turn that there is not has no end.
    if (why.startsWith("create:")) this.#boards.delete(board);
    if (/^(create|deliver):/.test(why)) this.#isOver = true;
  }

  #answer(board: number, payload: Buffer): Reply {
    let reply: Reply = "cut";
    this.#tell(board, (listener) => {
      const [kind, id, bytes] = [payload.readUInt8(0), payload.readDoubleLE(1), payload.subarray(9)];
      reply = listener.call?.(kind, id, bytes) ?? {
        error: new Error(`nobody answers calls of kind ${kind}`),
      };
    });
    return reply;
  }

  #tell(board: number, tell: (listener: BoardListener) => void): void {
    const listener = this.#boards.get(board);
    if (listener === undefined) return;
    try {
      tell(listener);
    } catch (error) {
      this.#thrown ??= { error };
    }
  }
}

/**
 * Two named pipes, since those that `spawn` makes are of Node's event loop. Both ends are opened here: so none waits for another process,
 * and a pipe ends when xs-host ends. Their names are gone before this returns.
 */
function openPipes() {
  const folder = mkdtempSync(join(tmpdir(), "fieldmark-xs-"));
  try {
    const [toHost, fromHost] = [join(folder, "to"), join(folder, "from")];
    const made = spawnSync("mkfifo", ["-m", "600", toHost, fromHost]);
    if (made.status !== 0)
      throw new Error(
        `mkfifo: ${made.error?.message ?? made.stderr.toString()}; virtual time on XS needs it`,
      );
    const [hostInput, input] = openBothEnds(toHost);
    const [output, hostOutput] = openBothEnds(fromHost);
    return { input, output, hostInput, hostOutput };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The reading end and the writing end, both blocking: one that does not block stands in for the reader until there is one. */
function openBothEnds(path: string): readonly [number, number] {
  const standIn = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(path, constants.O_WRONLY);
  const reader = openSync(path, constants.O_RDONLY);
  closeSync(standIn);
  return [reader, writer];
}
