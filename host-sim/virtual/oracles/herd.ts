import type { Oracle, OracleContext } from "./oracle.js";

/** Boards in a row that wait exactly as long as one another before they come back: chance does not do that. */
const SAME = 6;

/** Boards that lost a broker together do not come back together. */
export function herd({ world, fail, now }: OracleContext): Oracle {
  /** By board and broker: when the last session ended, if none was begun since. */
  const lostAt = new Map(world.boards.map(({ number }) => [number, world.brokers.map(() => -1)]));
  /** By board: when a session or an attempt with whatever broker ended last. */
  const closedAt = world.boards.map(() => -1);
  const last = world.brokers.map(() => ({ delay: -1, boards: new Set<number>() }));
  return {
    name: "herd",
    told(board, event) {
      if (event.type !== "link-closed") return;
      closedAt[board] = now();
      if (!event.wasOpen) return;
      const broker = world.brokers.findIndex(({ name }) => name === event.link);
      (lostAt.get(board) as number[])[broker] = now();
    },
    booted(board) {
      lostAt.get(board)?.fill(-1);
    },
    opening(board, broker) {
      const lost = lostAt.get(board)?.[broker] ?? -1;
      if (lost < 0) return;
      (lostAt.get(board) as number[])[broker] = -1;
      // In another one's stead, at once: that is failing over, and not coming back.
      if (closedAt[board] === now()) return;
      const row = last[broker] as { delay: number; boards: Set<number> };
      if (row.delay !== now() - lost) row.boards.clear();
      row.delay = now() - lost;
      if (row.boards.add(board).size >= SAME)
        fail("herd", board, `${SAME} boards come back to broker-${broker} after the same ${row.delay} ms`);
    },
  };
}
