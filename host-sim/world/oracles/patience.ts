import { frameName, type Oracle, type OracleContext, timeText } from "./oracle.js";

/** Frames that leave in one turn, at least: a window. And turns after which the first must have left. */
const AT_ONCE = 16;
const TURNS = 4;
/** Milliseconds from one turn to the next, at most, where samples are more often: brokers that are away are tried so often. */
const TURN = 60_000;

/**
 * No broker holds frames back for longer than `absent`, be it frozen, mute, or one that refuses them: a frame that another has, in a
 * session that lasts, leaves its board by then.
 */
export function patience({ world, ledgers, fail, now, absent, interval }: OracleContext): Oracle {
  return {
    name: "patience",
    tick() {
      for (const { number: board, isOn } of world.boards) {
        const { held } = ledgers[board] ?? {};
        if (!isOn || held === undefined) continue;
        const turns = TURNS + Math.ceil(held.size / AT_ONCE);
        const limit = absent + turns * Math.max(TURN, interval);
        for (const record of held) {
          if (now() - record.heldSince <= limit) continue;
          const since = timeText(record.heldSince);
          return fail(
            "patience",
            board,
            `${frameName(board, record)} waits for another broker, though one has had it since ${since}`,
          );
        }
      }
    },
  };
}
