import * as improv from "../agent/provision/improv.js";
import { BoardError, type BoardErrorCode } from "./board-error.js";
import type { Wire } from "./wire.js";

export interface BoardPacketsOptions {
  /** Milliseconds until a packet is taken for lost. */
  readonly timeout?: number;
  /** Times that a request is sent, at most, before the board is taken for silent. */
  readonly tries?: number;
}

const TIMEOUT = 1000;
const TRIES = 4;

const ERRORS: Readonly<Record<number, readonly [BoardErrorCode, string]>> = {
  [improv.INVALID_PACKET]: ["invalid", "the board did not understand what it was asked"],
  [improv.UNKNOWN_COMMAND]: ["unknown-command", "the board does not know this command"],
  [improv.UNABLE_TO_CONNECT]: [
    "unable-to-connect",
    "the board could not join the Wi-Fi network: is the password right, and the network near?",
  ],
  [improv.BAD_HOSTNAME]: ["bad-hostname", "the board does not take this host name"],
};

/** What comes from the board while it is asked something. */
export interface Listener {
  state?(state: number): void;
  result?(command: number, strings: readonly Uint8Array[]): void;
  error(error: BoardError): void;
}

/** Packets to and from one board: one request at a time, sent again where nothing comes back. */
export class BoardPackets {
  readonly timeout: number;
  readonly tries: number;
  readonly #wire: Wire;
  readonly #writer = new improv.PacketWriter();
  readonly #stop: () => void;
  #listener: Listener | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(
    wire: Wire,
    { timeout = TIMEOUT + 2 * (wire.roundTrip ?? 0), tries = TRIES }: BoardPacketsOptions,
  ) {
    this.#wire = wire;
    this.timeout = timeout;
    this.tries = tries;
    const reader = new improv.PacketReader({
      packet: (type, data) => this.#packet(type, data),
      damaged: () => {}, // it is asked for again
    });
    this.#stop = wire.receive((data) => reader.received(data));
    void wire.closed.then(() => this.close());
  }

  /** Receives no more; what is under way rejects. */
  close(): void {
    this.#isClosed = true;
    this.#stop();
    this.#listener?.error(closedError());
  }

  /** Asks when all that was asked before is answered. */
  inTurn<T>(ask: () => Promise<T>): Promise<T> {
    const run = this.#turn.then(ask);
    this.#turn = run.catch(() => {});
    return run;
  }

  /**
   * Asks, and asks again where nothing comes in time, or where the board took a damaged packet for no packet: `invalid` may be the wire's
   * fault, until it comes each time.
   */
  async again<T>(
    timeout: number,
    ask: (done: (value: T) => void, fail: (error: BoardError) => void) => Promise<void>,
    tries = this.tries,
  ): Promise<T> {
    for (let left = tries; ; left--) {
      if (this.#isClosed) throw closedError();
      let timer: ReturnType<typeof setTimeout> | undefined;
      try {
        return await new Promise<T>((resolve, reject) => {
          timer = setTimeout(
            () => reject(new BoardError("timeout", `no answer from ${this.#wire.name}`)),
            timeout,
          );
          ask(resolve, reject).catch((error: unknown) =>
            reject(new BoardError("closed", error instanceof Error ? error.message : String(error))),
          );
        });
      } catch (error) {
        const code = error instanceof BoardError ? error.code : "failed";
        if (left <= 1 || (code !== "timeout" && code !== "invalid")) throw error;
      } finally {
        clearTimeout(timer);
        this.#listener = undefined;
      }
    }
  }

  /** Who hears what comes until the request is answered. */
  listen(listener: Listener): void {
    this.#listener = listener;
  }

  async send(command: number, body: Uint8Array = new Uint8Array(0)): Promise<void> {
    const writer = this.#writer;
    writer.begin(improv.RPC_COMMAND);
    writer.byte(command);
    writer.byte(body.length);
    writer.bytes(body);
    await this.#wire.write(writer.finish().slice());
  }

  #packet(type: number, data: Uint8Array): void {
    const listener = this.#listener;
    if (listener === undefined) return;
    if (type === improv.CURRENT_STATE && data.length === 1) listener.state?.(data[0] as number);
    else if (type === improv.ERROR_STATE && data.length === 1) {
      const code = data[0] as number;
      if (code === improv.NO_ERROR) return;
      const [name, message] = ERRORS[code] ?? (["failed", `the board answers with error ${code}`] as const);
      listener.error(new BoardError(name, message));
    } else if (type === improv.RPC_RESULT) {
      const strings = improv.resultStrings(data);
      if (strings !== undefined) listener.result?.(data[0] as number, strings);
    }
  }
}

function closedError(): BoardError {
  return new BoardError("closed", "the connection to the board has ended");
}
