import { Receivers, type Wire, WireError, type WireSignals } from "../../../provision/wire.js";
import { type WireFaultOptions, WireFaults } from "./wire-faults.js";

/** The board's end of a wire. */
export interface BoardEnd {
  /** Set by the board: what comes from the host. */
  onData: (data: Uint8Array) => void;
  onSignals: (signals: { dtr?: boolean; rts?: boolean }) => void;
  write(data: Uint8Array): void;
  /** The rate at which the board sends and receives from now on. */
  setBaud(baud: number): void;
  /** Pulls the cable. */
  cut(): void;
}

export interface MemoryWireOptions extends WireFaultOptions {
  readonly name?: string;
  /** Bytes take as long as they would at the wire's rate: 10 bits each. Otherwise no time at all. */
  readonly paced?: boolean;
}

const CONSOLE_BAUD = 115_200;

/**
 * A serial line in memory, and its board's end. Bytes come later, in order, and never from inside a call. Where the two
 * ends differ in their rates, or the rate is more than the cable carries, they come as garbage.
 */
export function createMemoryWire(options: MemoryWireOptions = {}): { wire: Wire; board: BoardEnd } {
  const { name = "memory", paced = false } = options;
  const receivers = new Receivers();
  const baud = { host: CONSOLE_BAUD, board: CONSOLE_BAUD };
  let isClosed = false;
  let resolveClosed = () => {};
  const closed = new Promise<void>((resolve) => {
    resolveClosed = resolve;
  });
  function close(): void {
    isClosed = true;
    receivers.clear();
    resolveClosed();
  }
  const faults = new WireFaults(options, close);
  const toHost = new Lane((data) => receivers.received(data));
  const toBoard = new Lane((data) => board.onData(data));

  function pass(lane: Lane, data: Uint8Array): void {
    const arrived = faults.carried(data, baud.host, baud.board);
    if (arrived.length > 0) lane.push(arrived, paced ? (10_000 * data.length) / baud.host : 0);
  }

  const board: BoardEnd = {
    onData: () => {},
    onSignals: () => {},
    write: (data) => {
      if (!isClosed) pass(toHost, data);
    },
    setBaud: (rate) => {
      baud.board = rate;
    },
    cut: close,
  };
  const refuseClosed = () => {
    if (isClosed) throw new WireError("closed", `${name}: the cable was pulled, or the port closed`);
  };
  const wire: Wire = {
    name,
    async write(data) {
      refuseClosed();
      pass(toBoard, data);
      await toBoard.sent();
      refuseClosed();
    },
    receive: (handler) => receivers.add(handler),
    async setBaud(rate) {
      refuseClosed();
      baud.host = rate;
    },
    async setSignals(signals: WireSignals) {
      refuseClosed();
      const { dataTerminalReady: dtr, requestToSend: rts } = signals;
      board.onSignals({ ...(dtr !== undefined && { dtr }), ...(rts !== undefined && { rts }) });
    },
    async close() {
      close();
    },
    closed,
  };
  return { wire, board };
}

/** One direction: chunks that arrive in order, each after the time that it takes. */
class Lane {
  readonly #deliver: (data: Uint8Array) => void;
  #last: Promise<void> = Promise.resolve();
  /** When the last byte that was handed over is through, in milliseconds of the process. */
  #free = 0;

  constructor(deliver: (data: Uint8Array) => void) {
    this.#deliver = deliver;
  }

  /** `takes`: milliseconds. */
  push(data: Uint8Array, takes: number): void {
    const now = performance.now();
    this.#free = Math.max(now, this.#free) + takes;
    const wait = this.#free - now;
    const due =
      wait < 1
        ? new Promise<void>((resolve) => setImmediate(resolve))
        : new Promise<void>((resolve) => setTimeout(resolve, wait));
    this.#last = Promise.all([this.#last, due]).then(() => this.#deliver(data));
  }

  sent(): Promise<void> {
    return this.#last;
  }
}
