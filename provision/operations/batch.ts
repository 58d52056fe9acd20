import { failureOf, type Operation, OperationError, type OperationEvent } from "../events.js";
import type { Wire } from "../wire.js";
import type { Receipt } from "./receipt.js";

/** A port, and the boards that come to it one after the other. */
export interface BatchPort {
  readonly name: string;
  /** Whether it waits for boards; that is told. */
  readonly waits?: boolean;
  /**
   * The next board's wire; undefined where there are no more. `last`: the board before, as far as it was known. Rejects with OperationError where the
   * port cannot be opened.
   */
  next(last?: BoardIds): Promise<Wire | undefined>;
}

/** Chip's address and device's name in hex; empty where they were not asked. */
export interface BoardIds {
  readonly mac: string;
  readonly device: string;
}

/** One line of a batch's log. */
export interface BatchRecord {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly port: string;
  /** Of the chip; empty where it was not asked. */
  readonly mac: string;
  readonly chip: string;
  /** In hex; empty where it never got so far. */
  readonly device: string;
  readonly did: string;
  /** What the board is called; empty where it was given no name. */
  readonly name: string;
  readonly outcome: "done" | "failed";
  /** Of a failure, otherwise empty. */
  readonly step: string;
  readonly code: string;
  readonly reason: string;
}

export interface BatchLog {
  /** When the board was done, as the log has it; undefined where it is not. By the chip's address, or by the device's name. */
  doneAt(id: string): string | undefined;
  /** Durable when it returns. */
  add(record: BatchRecord): void;
}

export interface BatchEvent {
  /** The port. */
  readonly board: string;
  readonly event: OperationEvent;
}

export interface BatchSummary {
  readonly done: readonly Receipt[];
  readonly failed: readonly BatchRecord[];
  /** Boards that were done before. */
  readonly skipped: number;
}

export interface BatchOptions {
  readonly log: BatchLog;
  /** Unix time in milliseconds. */
  readonly now: () => number;
  /**
   * Commissions a board; `refuseDone` throws what ends it, and is to be let through, for one that
   * the log has as done.
   */
  readonly commission: (wire: Wire, refuseDone: (id: string) => void) => Operation<Receipt>;
}

/** Board after board on each port, all ports at the same time. A board that fails is written down, and holds up no other. */
export async function* batch(
  ports: readonly BatchPort[],
  options: BatchOptions,
): AsyncGenerator<BatchEvent, BatchSummary, void> {
  const summary = { done: [] as Receipt[], failed: [] as BatchRecord[], skipped: 0 };
  const waiting: BatchEvent[] = [];
  let wake = () => {};
  const emit = (event: BatchEvent) => {
    waiting.push(event);
    wake();
  };
  let running = ports.length;
  const all = Promise.all(
    ports.map((port) =>
      work(port, options, summary, emit).finally(() => {
        running--;
        wake();
      }),
    ),
  );
  all.catch(() => {}); // it is thrown below
  for (;;) {
    for (let event = waiting.shift(); event !== undefined; event = waiting.shift()) yield event;
    if (running === 0) break;
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  }
  await all;
  return summary;
}

interface Collected {
  readonly done: Receipt[];
  readonly failed: BatchRecord[];
  skipped: number;
}

async function work(
  port: BatchPort,
  options: BatchOptions,
  summary: Collected,
  emit: (event: BatchEvent) => void,
): Promise<void> {
  let last: BoardIds | undefined;
  for (;;) {
    const seen = { mac: "", chip: "", device: "", did: "", name: "" };
    let wire: Wire | undefined;
    const record = (outcome: "done" | "failed", failure = { step: "", code: "", reason: "" }) => {
      const at = new Date(options.now()).toISOString();
      const { step, code, reason } = failure;
      const line: BatchRecord = { at, port: port.name, ...seen, outcome, step, code, reason };
      options.log.add(line);
      return line;
    };
    try {
      if (port.waits) emit({ board: port.name, event: { type: "waiting" } });
      wire = await port.next(last);
      last = seen;
      if (wire === undefined) return;
      const receipt = await followed(options.commission(wire, refuseDone(options.log)), (event) => {
        if (event.type === "identified") Object.assign(seen, { mac: event.mac, chip: event.chip });
        if (event.type === "identity") Object.assign(seen, { device: event.kid, did: event.did });
        if (event.type === "named") seen.name = event.name;
        emit({ board: port.name, event });
      });
      record("done");
      summary.done.push(receipt);
    } catch (error) {
      if (error instanceof DoneAlready) {
        const { id, at } = error;
        emit({ board: port.name, event: { type: "done-already", id, at } });
        summary.skipped++;
        continue;
      }
      if (!(error instanceof OperationError) && wire === undefined) throw error;
      const failure = failureOf(error);
      emit({ board: port.name, event: failure });
      summary.failed.push(record("failed", failure));
      if (wire === undefined) return; // a port that cannot be opened gets no second board
    } finally {
      await wire?.close();
    }
  }
}

async function followed<T>(operation: Operation<T>, saw: (event: OperationEvent) => void): Promise<T> {
  for (;;) {
    const { done, value } = await operation.next();
    if (done) return value;
    saw(value);
  }
}

/** Not a failure: the log has this board as done. */
class DoneAlready extends Error {
  override readonly name = "DoneAlready";
  constructor(
    readonly id: string,
    readonly at: string,
  ) {
    super(`board ${id} was done at ${at}`);
  }
}

function refuseDone(log: BatchLog): (id: string) => void {
  return (id) => {
    const at = log.doneAt(id);
    if (at !== undefined) throw new DoneAlready(id, at);
  };
}
