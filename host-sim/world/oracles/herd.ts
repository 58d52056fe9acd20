import { UPLINK } from "../agent-under-test.js";
import type { Oracle, OracleContext } from "./oracle.js";

/** Boards in a row that wait exactly as long as one another before they come back: chance does not do that. */
const SAME = 6;

/** Waits in a row, of all boards, of which the longest must be so many times the shortest. */
const WAITS = 20;
const SPREAD = 1.5;
/** Milliseconds up to which a wait is one of those that follow when a board has no other broker; longer ones are drawn from a longer span. */
const HURRY = 2000;

/** Boards that lost a broker together do not come back together. */
export function herd({ world, fail, now }: OracleContext): Oracle {
  /** By board and broker: when the last session ended, if none was begun since. */
  const lostAt = new Map(world.boards.map(({ number }) => [number, world.brokers.map(() => -1)]));
  /** By board: when a session or an attempt with whatever broker ended last. */
  const closedAt = world.boards.map(() => -1);
  const last = world.brokers.map(() => ({ delay: -1, boards: new Set<number>() }));
  /** Waits that are over, by when they began. Judged when all that began before are over too: else the short ones come first. */
  let waits: { readonly board: number; readonly lostAt: number; readonly delay: number }[] = [];
  /** The latest short waits, and the latest long ones. */
  const latest: readonly number[][] = [[], []];
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
      waits.push({ board, lostAt: lost, delay: row.delay });
      if (row.boards.add(board).size >= SAME)
        fail("herd", board, `${SAME} boards come back to broker-${broker} after the same ${row.delay} ms`);
    },
    tick() {
      const until = now() - UPLINK.backoff.max - HURRY;
      const known = waits
        .filter(({ lostAt }) => lostAt <= until)
        .sort((a, b) => a.lostAt - b.lostAt || a.board - b.board);
      waits = waits.filter(({ lostAt }) => lostAt > until);
      for (const { delay } of known) {
        const alike = latest[delay > HURRY ? 1 : 0] as number[];
        alike.push(delay);
        if (alike.length > WAITS) alike.shift();
        const [least, most] = [Math.min(...alike), Math.max(...alike)];
        if (alike.length === WAITS && most < SPREAD * least)
          fail("herd", undefined, `${WAITS} times in a row boards come back after ${least} to ${most} ms`);
      }
    },
  };
}
