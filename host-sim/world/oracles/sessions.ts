import { UPLINK } from "../agent-under-test.js";
import type { Oracle, OracleContext } from "./oracle.js";

/** Milliseconds by which a board may be late. */
const SLACK = 1000;

/**
 * A broker that owes an answer is given up in time, be it frozen or not there; and while a board has fewer sessions than it wants, every other broker
 * is tried, none is waited for longer than the longest back-off.
 */
export function sessions({ world, fail, now }: OracleContext): Oracle {
  const name = "sessions";
  /** By board and name of the broker: when a session or an attempt ended last; or the board began. */
  const closedAt = new Map<number, Map<string, number>>(
    world.boards.map(({ number }) => [number, new Map()]),
  );
  return {
    name,
    booted(board) {
      for (const broker of world.brokers) closedAt.get(board)?.set(broker.name, now());
    },
    told(board, event) {
      if (event.type === "link-closed") closedAt.get(board)?.set(event.link, now());
    },
    tick() {
      for (const { number, isOn, agent, links } of world.boards) {
        if (!isOn || agent === undefined) continue;
        for (const { name: broker, dueSince } of links)
          if (dueSince >= 0 && now() - dueSince > UPLINK.timeout + SLACK)
            fail(name, number, `it has waited for an answer of ${broker} for ${now() - dueSince} ms`);
        const away = links.filter(({ isConnected }) => !isConnected);
        if (links.length - away.length >= UPLINK.copies) continue;
        for (const { name: broker } of away) {
          const since = now() - (closedAt.get(number)?.get(broker) ?? now());
          if (since > UPLINK.backoff.max + SLACK)
            fail(
              name,
              number,
              `it has too few sessions, and has not tried ${broker} for ${Math.round(since / 1000)} s`,
            );
        }
      }
    },
  };
}
