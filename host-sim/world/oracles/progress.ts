import { boardName, brokersOf, endOf, isOfBoard } from "../plan.js";
import { frameName, type Oracle, type OracleContext, timeText } from "./oracle.js";

/** Milliseconds that a frame may wait while a board is well and can reach enough brokers; and that a fault is felt after its end. */
const LIMIT = 3 * 60_000;
const AFTERMATH = 5 * 60_000;
/** Brokers that a frame must reach. */
const NEEDED = 2;

/** A board that is well and reaches enough brokers has its frames acknowledged soon, whatever becomes of one broker or of other boards. */
export function progress({ world, ledgers, faults, fail, now }: OracleContext): Oracle {
  /** By board: when it was last impossible. */
  const troubledAt: number[] = [];
  return {
    name: "progress",
    tick() {
      const active = faults.filter((fault) => fault.at <= now() && now() <= endOf(fault) + AFTERMATH);
      const verifierIsIll = active.some(
        ({ whom, kind }) => whom.startsWith("verifier") || kind.endsWith("-lost"),
      );
      for (const { number: board } of world.boards) {
        const mine = active.filter((fault) => isOfBoard(fault, board));
        const ill = new Set(mine.flatMap((fault) => brokersOf(fault, world.brokers.length)));
        const isIll = mine.some(({ whom }) => whom === boardName(board));
        if (verifierIsIll || isIll || ill.size > world.brokers.length - NEEDED) troubledAt[board] = now();
        const record = ledgers[board]?.oldestWaiting();
        if (record === undefined) continue;
        const since = Math.max(record.durableAt, troubledAt[board] ?? 0);
        if (now() - since <= LIMIT) continue;
        const what = `${frameName(board, record)}, durable since ${timeText(record.durableAt)}`;
        fail("progress", board, `${what}, is not acknowledged, though enough brokers can be reached`);
      }
    },
  };
}
