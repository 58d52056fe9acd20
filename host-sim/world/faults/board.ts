import type { VirtualBoard } from "../board.js";
import { type FaultKind, lasting } from "./kind.js";

const SECOND = 1000;
const MINUTE = 60_000;
const HOUR = 3_600_000;
const PLACES = ["before", "inside", "after"] as const;

type Place = (typeof PLACES)[number];

/** For as long as it lasts, something of one board is not as it should be. */
function during(
  perDay: number,
  longest: number,
  change: (board: VirtualBoard, by: 1 | -1) => void,
): FaultKind {
  return {
    scope: "board",
    perDay,
    make: (dice) => ({ for: dice.between(10 * SECOND, longest), how: {} }),
    begin(world, { whom }) {
      const board = world.boardOf(whom);
      if (board === undefined) return () => {};
      change(board, 1);
      return () => change(board, -1);
    },
  };
}

function clockJump(sign: 1 | -1): FaultKind {
  return {
    scope: "board",
    perDay: 1,
    make: (dice) => ({
      for: dice.between(MINUTE, HOUR),
      how: { by: sign * lasting(dice, SECOND, HOUR, 30 * 24 * HOUR) },
    }),
    begin(world, { whom, how }) {
      const board = world.boardOf(whom);
      if (board === undefined) return () => {};
      board.timeOfDay.offset += Number(how.by);
      return () => {
        board.timeOfDay.offset = 0; // SNTP puts it right
      };
    },
  };
}

/** What befalls boards. */
export const BOARD_FAULTS = {
  "power-cut": {
    scope: "board",
    perDay: 6,
    make: (dice) => ({
      for: dice.between(SECOND, 5 * MINUTE),
      how: {
        where: dice.pick(["flash", "flash", "flash", "now"]),
        operation: dice.below(12),
        place: dice.pick(PLACES),
        off: lasting(dice, 20, 10 * SECOND, 20 * MINUTE),
      },
    }),
    begin(world, { whom, how }) {
      const board = world.boardOf(whom);
      if (board === undefined) return () => {};
      const off = Number(how.off);
      if (how.where === "now") {
        board.cut("between two events", off);
        return () => {};
      }
      const { life } = board;
      board.offAfterCut = off;
      board.chip.cutAt(Number(how.operation), how.place as Place);
      // At the end, if the board has not come to that operation: it must happen.
      return () => {
        if (board.life === life) board.cut("between two events", off);
      };
    },
  },
  "radio-lost": {
    scope: "board",
    perDay: 1,
    make: (dice) => ({ for: dice.between(MINUTE, 3 * HOUR), how: {} }),
    begin(world, { whom }) {
      const routes = world.routesOf(`${whom}/*`);
      for (const route of routes) route.cut();
      return () => {
        for (const route of routes) route.mend();
      };
    },
  },
  "brown-out": {
    scope: "board",
    perDay: 1.5,
    make: (dice) => ({
      for: 0,
      how: { times: dice.between(2, 6), salt: dice.next(), off: dice.between(5, 2000) },
    }),
    begin(world, { whom, how }) {
      const board = world.boardOf(whom);
      if (board === undefined) return () => {};
      const dice = world.dice.fork(`brown-out ${how.salt}`);
      for (let i = 0; i < Number(how.times); i++) {
        const off = dice.between(5, 3000);
        const operation = dice.below(6);
        if (dice.chance(40)) board.bootCuts.push({ after: dice.between(0, 4000), place: "before", off });
        else
          board.bootCuts.push({
            operation,
            place: dice.pick([...PLACES, "store-before", "store-after"]),
            off,
          });
      }
      board.cut("brown-out", Number(how.off));
      return () => {};
    },
  },
  watchdog: {
    scope: "board",
    perDay: 2,
    make: (dice) => ({ for: 0, how: { off: dice.between(10, 400) } }),
    begin(world, { whom, how }) {
      world.boardOf(whom)?.reset("watchdog", Number(how.off));
      return () => {};
    },
  },
  "clock-forwards": clockJump(1),
  "clock-backwards": clockJump(-1),
  "sntp-silent": {
    scope: "board",
    perDay: 1,
    make: (dice) => ({ for: dice.between(MINUTE, 3 * HOUR), how: { off: dice.between(20, SECOND) } }),
    begin(world, { whom, how }) {
      const board = world.boardOf(whom);
      if (board === undefined) return () => {};
      board.sntpSilence++;
      board.cut("the power goes, and no time comes back", Number(how.off));
      return () => {
        board.sntpSilence--;
      };
    },
  },
  "sensor-fails": during(1, 2 * HOUR, ({ surroundings }, by) => {
    surroundings.failures += by;
  }),
  "sensor-sticks": during(1, 2 * HOUR, ({ surroundings }, by) => {
    surroundings.sticks += by;
  }),
  "sector-worn": {
    scope: "board",
    perDay: 0.2,
    make: (dice) => ({ for: 0, how: { sector: dice.next() } }),
    begin(world, { whom, how }) {
      const board = world.boardOf(whom);
      if (board === undefined) return () => {};
      const { chip } = board;
      if (board.worn.size < MOST_WORN) {
        const sector = Number(how.sector) % (chip.size / chip.sectorBytes);
        board.worn.add(sector);
        chip.wearOut(sector);
      }
      return () => {};
    },
  },
  "memory-full": during(1, 10 * MINUTE, ({ signer }, by) => {
    signer.failures += by;
  }),
} as const satisfies Record<string, FaultKind>;

/** Sectors of a board that fail, at most: the journal needs three that do not. */
const MOST_WORN = 3;
