import type { Position } from "../../../agent/frame/chain.js";
import { UPLINK } from "../agent-under-test.js";
import { boardName } from "../plan.js";
import { signedPosition } from "../signed-position.js";
import { LEFT } from "../watch.js";
import { frameName, type Oracle, type OracleContext } from "./oracle.js";
import { hasRoom } from "./room.js";

/** One board's frames in this boot: their names by their ids, and the brokers that have acknowledged each, in sessions that still last. */
class Book {
  readonly names = new Map<number, string>();
  readonly had = new Map<string, Set<number>>();
  /** By broker: the ids of frames that it was sent in this session. */
  readonly sent: Set<number>[] = [];
}

/**
 * A frame leaves its board only when enough brokers have acknowledged it, in sessions that have not broken since; or one has, and there was
 * no room for it any more, or the others have been away for too long. It goes over each session only once.
 */
export function copies({ world, ledgers, fail, now }: OracleContext): Oracle {
  const name = "copies";
  const books = new Map(world.boards.map(({ number }) => [number, new Book()]));
  const bookOf = (board: number) => books.get(board) as Book;
  const isCrowded = (board: number, position: Position) => {
    const ledger = ledgers[board];
    const record = ledger?.find(position);
    return (
      ledger !== undefined &&
      record !== undefined &&
      !hasRoom(world.boardOf(boardName(board)), ledger, record)
    );
  };
  return {
    name,
    cut(board) {
      books.set(board, new Book());
    },
    sent(board, broker, id, frame) {
      const { names, had, sent } = bookOf(board);
      const key = keyOf(signedPosition(frame));
      sent[broker] ??= new Set();
      if (sent[broker].has(id))
        fail(name, board, `frame ${key} is sent to broker-${broker} twice in one session`);
      sent[broker].add(id);
      if (names.has(id)) return;
      names.set(id, key);
      had.set(key, new Set());
    },
    acked(board, broker, id, kept) {
      const { names, had } = bookOf(board);
      if (kept) had.get(names.get(id) ?? "")?.add(broker);
    },
    told(board, event) {
      const { had, sent } = bookOf(board);
      if (event.type === "link-closed") {
        const broker = world.brokers.findIndex((one) => one.name === event.link);
        sent[broker]?.clear();
        if (event.reason !== LEFT) for (const brokers of had.values()) brokers.delete(broker);
      }
      if (event.type !== "acknowledged") return;
      const key = keyOf(event.position);
      const count = had.get(key)?.size ?? 0;
      had.delete(key);
      if (count >= UPLINK.acknowledgements) return;
      if (count > 0 && (isCrowded(board, event.position) || ledgers[board]?.isExcused(now()) === true))
        return;
      const needed = `${UPLINK.acknowledgements} that it needs`;
      fail(name, board, `${frameName(board, event.position)} leaves it with ${count} of the ${needed}`);
    },
  };
}

const keyOf = ({ boot, sequence }: Position) => `${boot}/${sequence}`;
