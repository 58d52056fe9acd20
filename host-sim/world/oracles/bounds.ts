import { recoveryBound } from "../../../agent/journal/journal.js";
import { UPLINK } from "../agent-under-test.js";
import { boardName } from "../plan.js";
import type { Oracle, OracleContext } from "./oracle.js";

/** Timers that one board may have set: sampler, seal, and two for each session. */
const TIMERS = 12;
/** Publications without an answer on one link: the window, and a status message. */
const IN_FLIGHT = UPLINK.window + 4;
/** Connections of one way that may still carry something: those that ended on one side during a partition. */
const CONNECTIONS = 100;
/** Sessions that a board may begin with one broker in a minute: one that acknowledges, and then breaks, is tried again after 0.25 to 2 s. */
const OPENINGS = 120;

/** Memory and queues stay within their bounds, and nobody is run over by boards that come back. */
export function bounds({ world, fail }: OracleContext): Oracle {
  const name = "bounds";
  const openings = new Map(world.boards.map(({ number }) => [number, world.brokers.map(() => 0)]));
  const check = (board: number | undefined, what: string, value: number, most: number) => {
    if (value > most) fail(name, board, `${what}: ${value}, more than ${most}`);
  };
  return {
    name,
    opening(board, broker) {
      const counts = openings.get(board) as number[];
      counts[broker] = (counts[broker] as number) + 1;
    },
    booted(board) {
      openings.get(board)?.fill(0); // a new boot knows nothing of what the last one tried
    },
    told(board, event) {
      const chip = world.boardOf(boardName(board))?.chip;
      if (event.type !== "recovered" || chip === undefined) return;
      check(board, "bytes of the journal read at its start", event.read, recoveryBound(chip.powerOn()));
    },
    tick() {
      for (const { number, clock, links, isOn } of world.boards) {
        const counts = openings.get(number) as number[];
        for (const [broker, count] of counts.entries())
          check(number, `sessions begun with broker-${broker} in a minute`, count, OPENINGS);
        counts.fill(0);
        if (!isOn || clock === undefined) continue;
        check(number, "timers set", clock.timers, TIMERS);
        for (const link of links) check(number, `frames in flight to ${link.name}`, link.inFlight, IN_FLIGHT);
      }
      for (const broker of world.brokers)
        check(undefined, `sessions of ${broker.name}`, broker.sessions, world.boards.length + 1);
      for (const route of world.routes)
        check(undefined, `connections of ${route.name}`, route.connections, CONNECTIONS);
    },
  };
}
