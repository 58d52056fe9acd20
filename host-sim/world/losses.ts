import type { VirtualBoard } from "./board.js";
import type { Broker } from "./broker.js";
import type { BoardLedger } from "./ledger.js";
import type { Life } from "./life.js";
import { roomOf } from "./oracles/room.js";
import type { Scheduler } from "./time.js";

/** Sectors that a journal must have left, not to be nearly full. */
const CROWDED = 1;
/** Milliseconds that a board may take to notice that a broker has lost its store. */
const NOTICED = 6 * 60_000;

/** A broker that lost its store, and what must have happened before another may. */
interface Loss {
  readonly broker: Broker;
  /** Boards that have not noticed yet: they may count on what it had acknowledged. */
  readonly unaware: Map<VirtualBoard, Life | undefined>;
  /** Once all have noticed: what the others held then. */
  marks: Map<Broker, number> | undefined;
}

/**
 * The assumption under which nothing may be lost: a frame is with two brokers when it leaves its board, so brokers lose their stores one
 * at a time. No second one does until every board has noticed the first loss, and the verifier has all that the others held then.
 */
export class StoreLosses {
  readonly #boards: readonly VirtualBoard[];
  readonly #brokers: readonly Broker[];
  readonly #scheduler: Scheduler;
  #last: Loss | undefined;
  /** By the boards' numbers. Set before the world starts. */
  ledgers: readonly BoardLedger[] = [];

  constructor(boards: readonly VirtualBoard[], brokers: readonly Broker[], scheduler: Scheduler) {
    this.#scheduler = scheduler;
    this.#boards = boards;
    this.#brokers = brokers;
  }

  allows(broker: Broker): boolean {
    return (this.isOver() || this.#last?.broker === broker) && !this.#isOnlyHolder(broker);
  }

  /**
   * A frame that left by right with fewer brokers than it needs, or will, is with this broker and no other, and the verifier does not
   * have it: that counts as delivered. One that left so and should not have is not spared: `delivered` must find it.
   */
  #isOnlyHolder(broker: Broker): boolean {
    const bit = 1 << this.#brokers.indexOf(broker);
    return this.#boards.some((board) => {
      const ledger = this.ledgers[board.number];
      if (ledger === undefined) return false;
      const willLeave =
        ledger.spanned >= roomOf(board, CROWDED) || ledger.isExcused(this.#scheduler.now + NOTICED);
      return ledger.durable.some(
        ({ keptAt, heldBy, acknowledgedAt, isShort }) =>
          keptAt < 0 && heldBy === bit && (acknowledgedAt < 0 ? willLeave : isShort),
      );
    });
  }

  /** Told before the store is gone. */
  begin(broker: Broker): void {
    const index = this.#brokers.indexOf(broker);
    const unaware = new Map<VirtualBoard, Life | undefined>();
    for (const board of this.#boards)
      if (board.links[index]?.isConnected === true) unaware.set(board, board.life);
    for (const board of unaware.keys()) board.links[index]?.whenOver(() => unaware.delete(board));
    this.#last = { broker, unaware, marks: undefined };
  }

  /** Whether the last loss is made good. To be asked now and then: it is what takes note of how things stand. */
  isOver(): boolean {
    const last = this.#last;
    if (last === undefined) return true;
    for (const [board, life] of last.unaware)
      if (board.life !== life || !board.isOn) last.unaware.delete(board);
    if (last.unaware.size > 0) return false;
    const others = this.#brokers.filter((broker) => broker !== last.broker);
    last.marks ??= new Map(others.map((broker) => [broker, broker.mailbox?.next ?? 0]));
    for (const [broker, mark] of last.marks) if ((broker.mailbox?.acknowledged ?? mark) < mark) return false;
    this.#last = undefined;
    return true;
  }
}
